import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ArchiveSource, Release } from '../../src/archive/archive-source.js';
import type { ProductLimits } from '../../src/archive/choose/filter-product.js';
import { emptyCounts } from '../../src/archive/index/index-table.js';
import type { Product } from '../../src/domain/product.js';
import type { Selection } from '../../src/domain/selection.js';
import { planBackfill, queueBackfill, type BackfillTools } from '../../src/pipeline/backfill.js';
import { pollOnce } from '../../src/pipeline/poll.js';
import { ProductSpool } from '../../src/pipeline/product-spool.js';
import type { Database } from '../../src/store/database.js';
import { productLimits } from '../../src/cli/limits.js';
import { loadConfig } from '../../src/config/load.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { announce, MODEL, sampleProduct, useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const never = new AbortController().signal;
const limits = productLimits(loadConfig(undefined, {}));
const EVERYTHING: Selection = {
  from: null,
  until: null,
  volumes: [],
  box: null,
  minIncidenceDeg: null,
  maxIncidenceDeg: null,
  maxResolutionM: null,
};
const ids = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `M${1_271_742_200 + from + i}LC`);

/** A source whose volumes are given; it remembers nothing but the names it was told. */
function archiveOf(
  volumes: Readonly<Record<string, readonly Product[]>>,
): ArchiveSource & { told: unknown[] } {
  const told: unknown[] = [];
  const release = (name: string, products: readonly Product[], knownOnly: boolean): Release => ({
    name,
    counts: { ...emptyCounts(), records: products.length },
    knownOnly,
    state: name,
    products: (async function* () {
      for (const product of products) yield await Promise.resolve({ product, doubt: null });
    })(),
  });
  return {
    id: 'test',
    told,
    async *discover(state) {
      told.push(state);
      for (const [name, products] of Object.entries(volumes))
        yield await Promise.resolve(release(name, products, name !== 'newest'));
    },
    async *search() {
      for (const [name, products] of Object.entries(volumes))
        yield await Promise.resolve(release(name, products, false));
    },
    withSearched: (state, released) => (state === null ? null : { state, released }),
    fetchImage: () => Promise.reject(new Error('not asked for')),
    check: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
}

describeWithDatabase('a backfill', (createDatabase) => {
  async function tools(db: Database, archive: ArchiveSource, limits: ProductLimits): Promise<BackfillTools> {
    const dir = await mkdtemp(join(tmpdir(), 'selenoscan-test-spool-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    return { db, archive, limits, modelId: MODEL, spool: new ProductSpool(dir) };
  }

  it('says what it would queue, queues just that behind the live lane, and nothing twice', async () => {
    const db = await createDatabase();
    await useModel(db);
    const [known, ...rest] = ids(0, 2500);
    await announce(db, sampleProduct(known!));
    const night = sampleProduct('M1299999999LC', { incidenceDeg: 91 });
    const old = [known!, ...rest].map((id) => sampleProduct(id));
    const archive = archiveOf({ old: [...old, night] });
    const at = await tools(db, archive, limits);
    const plan = await planBackfill(EVERYTHING, at, never);
    expect(plan).toMatchObject({
      releases: [{ name: 'old', records: 2501 }],
      selected: 2501,
      known: 1,
      images: 2499,
      skipped: { incidence: 1 },
    });
    expect(await db.query('SELECT 1 FROM selenoscan_data.scan')).toHaveLength(1);
    expect(await queueBackfill(at, never)).toEqual({ discovered: 2500, changed: 0, queued: 2499 });
    const again = await tools(db, archive, limits);
    expect(await planBackfill(EVERYTHING, again, never)).toMatchObject({ images: 0, known: 2500 });
    expect(await queueBackfill(again, never)).toEqual({ discovered: 0, changed: 0, queued: 0 });
    const lanes = await db.query(
      `SELECT lane, state, count(*) AS count FROM selenoscan_data.scan GROUP BY lane, state ORDER BY 1 DESC, 2`,
    );
    expect(lanes).toEqual([
      { lane: 'live', state: 'queued', count: 1 },
      { lane: 'backfill', state: 'queued', count: 2499 },
      { lane: 'backfill', state: 'skipped', count: 1 },
    ]);
  });

  it('takes what was selected by time, light, resolution and volume, and nothing else', async () => {
    const db = await createDatabase();
    await useModel(db);
    const at = (day: string, over: Partial<Product> = {}) =>
      sampleProduct(ids(Number(day), 1)[0]!, { startTime: new Date(`2026-05-${day}T12:00:00Z`), ...over });
    const products = [
      at('01'),
      at('02', { incidenceDeg: 30 }),
      at('03', { incidenceDeg: 70 }),
      at('04', { resolutionM: 1.9 }),
      at('05', { incidenceDeg: NaN }),
      at('06', { volumeId: 'LROLRC_1000' }),
    ];
    const selected = async (part: Partial<Selection>) => {
      const each = await tools(db, archiveOf({ old: products }), limits);
      await planBackfill({ ...EVERYTHING, ...part }, each, never);
      const found: string[] = [];
      for await (const { product } of each.spool.announced())
        found.push(product.startTime.toISOString().slice(8, 10));
      return found.join(' ');
    };
    expect(await selected({})).toBe('01 02 03 04 05 06');
    expect(await selected({ from: new Date('2026-05-02'), until: new Date('2026-05-04') })).toBe('02 03');
    expect(await selected({ minIncidenceDeg: 65 })).toBe('03');
    expect(await selected({ maxIncidenceDeg: 35 })).not.toContain('05');
    expect(await selected({ maxResolutionM: 1.5 })).not.toContain('04');
    expect(await selected({ volumes: ['LROLRC_1000'] })).toBe('06');
  });

  it('is remembered by the poller, which takes only changes of what it queued', async () => {
    const db = await createDatabase();
    await useModel(db);
    const [first, second, never1] = ids(0, 3) as [string, string, string];
    const archive = archiveOf({ newest: [sampleProduct(first)] });
    const poll = () => pollOnce(db, archive, limits, MODEL, createLogger('silent', 'test'), never);
    await poll();
    const at = await tools(db, archiveOf({ old: [sampleProduct(second)] }), limits);
    await planBackfill(EVERYTHING, at, never);
    await queueBackfill(at, never);
    await poll();
    expect(archive.told).toEqual([null, { state: 'newest', released: ['old'] }]);
    const later = archiveOf({ old: [sampleProduct(second, { version: 'v2.0' }), sampleProduct(never1)] });
    const counts = await pollOnce(db, later, limits, MODEL, createLogger('silent', 'test'), never);
    expect(counts).toEqual({ discovered: 0, changed: 1, queued: 1 });
  });
});
