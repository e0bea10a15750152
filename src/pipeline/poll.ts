import type { ArchiveSource } from '../archive/archive-source.js';
import type { ProductLimits } from '../archive/filter-product.js';
import type { Database } from '../store/database.js';
import { upsertProducts, type UpsertCounts } from '../store/queries/upsert-products.js';
import type { Logger } from '../telemetry/logger.js';
import { batches } from './batches.js';
import { keepPollState, readPollState } from './poll-state.js';
import { skipOf } from './skip.js';

const BATCH = 1000;

/**
 * Asks the archive once what is new and queues it in the live lane. The archive's state is kept only after
 * all products of a volume are stored, so that a crash in between asks for the volume again.
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
    const { knownOnly } = release;
    const lane = knownOnly ? 'backfill' : 'live';
    for await (const batch of batches(release.products, BATCH)) {
      const products = batch.map((product) => ({ product, skip: skipOf(product, limits) }));
      add(counts, await upsertProducts(db, { products, lane, modelId, knownOnly }));
    }
    await keepPollState(db, archive, release.state);
    log.info({ release: release.name, ...counts, index: release.counts }, 'Poll:VolumeStored');
    add(total, counts);
  }
  return total;
}

function add(total: { -readonly [K in keyof UpsertCounts]: number }, more: UpsertCounts): void {
  total.discovered += more.discovered;
  total.changed += more.changed;
  total.queued += more.queued;
}
