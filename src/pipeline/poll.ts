import type { ArchiveSource } from '../archive/archive-source.js';
import { filterProduct, type ProductLimits } from '../archive/filter-product.js';
import type { Product } from '../domain/product.js';
import type { Database } from '../store/database.js';
import { getSetting } from '../store/queries/get-setting.js';
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
  const state = await getSetting(db, stateKey(archive));
  for await (const release of archive.discover(state, signal)) {
    const counts = { discovered: 0, changed: 0, queued: 0 };
    for await (const products of batches(release.products, limits)) {
      const stored = await upsertProducts(db, { products, lane: 'live', modelId });
      add(counts, stored);
    }
    await putSetting(db, stateKey(archive), release.state);
    log.info({ release: release.name, ...counts, index: release.counts }, 'Poll:VolumeStored');
    add(total, counts);
  }
  return total;
}

async function* batches(
  products: AsyncIterable<Product>,
  limits: ProductLimits,
): AsyncGenerator<AnnouncedProduct[]> {
  let batch: AnnouncedProduct[] = [];
  for await (const product of products) {
    const reason = filterProduct(product, limits);
    const skip = reason === null ? null : { code: reason.slice(0, reason.indexOf(':')), reason };
    batch.push({ product, skip });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function add(total: { -readonly [K in keyof UpsertCounts]: number }, more: UpsertCounts): void {
  total.discovered += more.discovered;
  total.changed += more.changed;
  total.queued += more.queued;
}
