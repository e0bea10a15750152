import type { Announced, ArchiveSource, Release } from '../archive/archive-source.js';
import { filterProduct, type ProductLimits } from '../archive/filter-product.js';
import type { Database } from '../store/database.js';
import { getSetting } from '../store/queries/get-setting.js';
import { knownProducts } from '../store/queries/known-products.js';
import { putSetting } from '../store/queries/put-setting.js';
import {
  upsertProducts,
  type AnnouncedProduct,
  type UpsertCounts,
} from '../store/queries/upsert-products.js';
import type { Logger } from '../telemetry/logger.js';

/** Each archive and data set has a newest volume of its own. */
const stateKey = (archive: ArchiveSource) => `archive.state ${archive.id}`;
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
  const state = await getSetting(db, stateKey(archive));
  for await (const release of archive.discover(state, signal)) {
    const counts = { discovered: 0, changed: 0, queued: 0 };
    const skipped: Record<string, number> = {};
    const lane = release.knownOnly ? 'backfill' : 'live';
    for await (const announced of batches(release.products)) {
      const wanted = release.knownOnly ? await known(db, announced) : announced;
      const products = wanted.map((each) => decide(each, limits, skipped));
      add(counts, await upsertProducts(db, { products, lane, modelId }));
      warn(log, release, announced);
    }
    await putSetting(db, stateKey(archive), release.state);
    if (release.quiet === true) continue;
    log.info({ release: release.name, ...counts, skipped, index: release.counts }, 'Poll:VolumeStored');
    add(total, counts);
  }
  return total;
}

async function* batches(announced: AsyncIterable<Announced>): AsyncGenerator<Announced[]> {
  let batch: Announced[] = [];
  for await (const each of announced) {
    batch.push(each);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function known(db: Database, announced: readonly Announced[]): Promise<Announced[]> {
  const ids = await knownProducts(
    db,
    announced.map(({ product }) => product.productId),
  );
  return announced.filter(({ product }) => ids.has(product.productId));
}

/** Whether a product is scanned: a row that cannot be relied on is not, nor what the limits leave out. */
function decide(
  { product, doubt }: Announced,
  limits: ProductLimits,
  skipped: Record<string, number>,
): AnnouncedProduct {
  const skip = doubt?.skips === true ? doubt : filterProduct(product, limits);
  if (skip !== null) skipped[skip.code] = (skipped[skip.code] ?? 0) + 1;
  return { product, skip: skip && { code: skip.code, reason: skip.reason } };
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
