import type { Announced, ArchiveSource, Release } from '../archive/archive-source.js';
import type { ProductLimits } from '../archive/choose/filter-product.js';
import type { Database } from '../store/database.js';
import {
  upsertProducts,
  type AnnouncedProduct,
  type UpsertCounts,
} from '../store/queries/upsert-products.js';
import type { Logger } from '../telemetry/logger.js';
import { batches } from './batches.js';
import { keepPollState, readPollState } from './poll-state.js';
import { skipOf } from './skip.js';

const BATCH = 1000;
/** Warnings of one release that are logged one by one; the log of the release counts them all. */
const MOST_WARNINGS = 20;

/**
 * Asks the archive once what is new and queues it: in the live lane, or where a release is of interest for what a
 * backfill announced of it, in the backfill lane. The archive's state is kept only after all products of a volume
 * are stored, so that a crash in between asks for the volume again.
 */
export async function pollOnce(
  db: Database,
  archive: ArchiveSource,
  limits: ProductLimits,
  modelId: string,
  log: Logger,
  signal: AbortSignal,
): Promise<UpsertCounts> {
  const total = { discovered: 0, changed: 0, queued: 0 };
  const state = await readPollState(db, archive);
  for await (const release of archive.discover(state, signal)) {
    const counts = { discovered: 0, changed: 0, queued: 0 };
    const skipped: Record<string, number> = {};
    const { knownOnly } = release;
    const lane = knownOnly ? 'backfill' : 'live';
    for await (const announced of batches(release.products, BATCH)) {
      const products = announced.map((each) => decide(each, limits, skipped));
      add(counts, await upsertProducts(db, { products, lane, modelId, knownOnly }));
      warn(log, release, announced);
    }
    await keepPollState(db, archive, release.state);
    if (release.quiet === true) continue;
    log.info({ release: release.name, ...counts, skipped, index: release.counts }, 'Poll:VolumeStored');
    add(total, counts);
  }
  return total;
}

function decide(
  announced: Announced,
  limits: ProductLimits,
  skipped: Record<string, number>,
): AnnouncedProduct {
  const skip = skipOf(announced, limits);
  if (skip !== null) skipped[skip.code] = (skipped[skip.code] ?? 0) + 1;
  return { product: announced.product, skip };
}

function warn(log: Logger, release: Release, announced: readonly Announced[]): void {
  const sofar = Object.values(release.counts.warnings).reduce((sum, count) => sum + count, 0);
  const doubts = announced.filter(({ doubt }) => doubt?.skips === false);
  const room = Math.max(0, MOST_WARNINGS - (sofar - doubts.length));
  for (const { product, doubt } of doubts.slice(0, room)) {
    log.warn({ product: product.productId, code: doubt?.code, reason: doubt?.reason }, 'Poll:DoubtfulRow');
  }
}

function add(total: { -readonly [K in keyof UpsertCounts]: number }, more: UpsertCounts): void {
  total.discovered += more.discovered;
  total.changed += more.changed;
  total.queued += more.queued;
}
