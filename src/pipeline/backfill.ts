import type { Announced, ArchiveSource } from '../archive/archive-source.js';
import type { ProductLimits } from '../archive/choose/filter-product.js';
import type { Product } from '../domain/product.js';
import type { Selection } from '../domain/selection.js';
import type { Database } from '../store/database.js';
import { countKnown } from '../store/queries/count-known.js';
import { upsertProducts, type UpsertCounts } from '../store/queries/upsert-products.js';
import { batches } from './batches.js';
import { rememberSearched } from './poll-state.js';
import type { ProductSpool } from './product-spool.js';
import { isSelected } from './selection.js';
import { skipOf } from './skip.js';

const BATCH = 1000;

/** What a backfill found, before anything is queued. */
export interface BackfillPlan {
  /** Releases that were read, e.g. volumes, with their records; null: not there. */
  readonly releases: readonly { readonly name: string; readonly records: number }[];
  /** Images of the selection. */
  readonly selected: number;
  /** Of them, those that the deployment's limits leave out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Of them, versions that are queued, scanned or skipped already. */
  readonly known: number;
  /** Images that would join the queue, and their pixels. */
  readonly images: number;
  readonly pixels: number;
}

export interface BackfillTools {
  readonly db: Database;
  readonly archive: ArchiveSource;
  readonly limits: ProductLimits;
  readonly modelId: string;
  readonly spool: ProductSpool;
}

/**
 * Reads what the archive has of a selection into the spool and counts what queueing it would mean. Memory does
 * not grow with the archive.
 * @param onRelease after each release that was read, with the images found so far
 */
export async function planBackfill(
  selection: Selection,
  { db, archive, limits, modelId, spool }: BackfillTools,
  signal: AbortSignal,
  onRelease: (name: string, images: number) => void = () => undefined,
): Promise<BackfillPlan> {
  const releases: { name: string; records: number }[] = [];
  const skipped: Record<string, number> = {};
  const counts = { selected: 0, known: 0, images: 0, pixels: 0 };
  for await (const release of archive.search?.(selection, signal) ?? []) {
    for await (const announced of batches(selectedOf(release.products, selection), BATCH)) {
      signal.throwIfAborted();
      counts.selected += announced.length;
      const wanted: Product[] = [];
      for (const each of announced) {
        const skip = skipOf(each, limits);
        if (skip === null) wanted.push(each.product);
        else skipped[skip.code] = (skipped[skip.code] ?? 0) + 1;
      }
      const known = await countKnown(db, modelId, wanted);
      counts.known += known;
      counts.images += wanted.length - known;
      const pixels = wanted.reduce((sum, { lines, samples }) => sum + (lines * samples || 0), 0);
      counts.pixels += wanted.length === 0 ? 0 : pixels * (1 - known / wanted.length);
      await spool.add(announced);
    }
    spool.end(release.state);
    releases.push({ name: release.name, records: release.counts.records });
    onRelease(release.name, counts.images);
  }
  return { releases, skipped, ...counts };
}

async function* selectedOf(
  announced: AsyncIterable<Announced>,
  selection: Selection,
): AsyncGenerator<Announced> {
  for await (const each of announced) if (isSelected(each.product, selection)) yield each;
}

/**
 * Queues what the spool holds in the backfill lane: live goes first, and it never alerts. What limits leave out is
 * recorded as skipped. Queueing the same again changes nothing.
 */
export async function queueBackfill(
  { db, archive, limits, modelId, spool }: BackfillTools,
  signal: AbortSignal,
  onProgress: (done: number) => void = () => undefined,
): Promise<UpsertCounts> {
  const total = { discovered: 0, changed: 0, queued: 0 };
  let done = 0;
  for await (const announced of batches(spool.announced(), BATCH)) {
    signal.throwIfAborted();
    const products = announced.map((each) => ({ product: each.product, skip: skipOf(each, limits) }));
    const counts = await upsertProducts(db, { products, lane: 'backfill', modelId });
    total.discovered += counts.discovered;
    total.changed += counts.changed;
    total.queued += counts.queued;
    onProgress((done += announced.length));
  }
  await rememberSearched(db, archive, spool.states);
  return total;
}
