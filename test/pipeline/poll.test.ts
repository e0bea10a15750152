import { expect, it } from 'vitest';
import type { Announced, ArchiveSource, Doubt, Release } from '../../src/archive/archive-source.js';
import type { ProductLimits } from '../../src/archive/choose/filter-product.js';
import { emptyCounts } from '../../src/archive/index/index-table.js';
import type { Product } from '../../src/domain/product.js';
import { pollOnce } from '../../src/pipeline/poll.js';
import type { Database } from '../../src/store/database.js';
import { getSetting } from '../../src/store/queries/get-setting.js';
import { createLogger, type Logger } from '../../src/telemetry/logger.js';
import { MODEL, sampleProduct, useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const limits: ProductLimits = {
  maxIncidenceDeg: 180,
  maxEmissionDeg: 90,
  maxResolutionM: 100,
  minLines: 1,
  samples: [5064],
};

const announced = (product: Product, doubt: Doubt | null = null): Announced => ({ product, doubt });

function release(state: string, products: readonly Announced[], options: Partial<Release> = {}): Release {
  const counts = emptyCounts();
  for (const { doubt } of products)
    if (doubt?.skips === false) counts.warnings[doubt.code] = (counts.warnings[doubt.code] ?? 0) + 1;
  const stream: AsyncIterable<Announced> = (async function* () {
    await Promise.resolve();
    yield* products;
  })();
  return { name: state, products: stream, counts, knownOnly: false, state, ...options };
}

function archiveOf(...releases: readonly Release[]): ArchiveSource {
  return {
    id: 'test',
    discover: async function* () {
      await Promise.resolve();
      yield* releases;
    },
    fetchImage: () => Promise.reject(new Error('not here')),
    check: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
}

const poll = (db: Database, log: Logger, ...releases: readonly Release[]) =>
  pollOnce(db, archiveOf(...releases), limits, MODEL, log, new AbortController().signal);

const silent = createLogger('silent', 'test');
const scans = (db: Database) =>
  db.query(
    `SELECT product_id, volume_id, state, lane, error_code, error FROM selenoscan_data.scan
     JOIN selenoscan_data.product ON product.id = product_pk ORDER BY scan.id`,
  );

describeWithDatabase('a poll', (createDatabase) => {
  it('records a row that contradicts itself as skipped, and only tells of one that may be right', async () => {
    const db = await createDatabase();
    await useModel(db);
    const wrong = { code: 'corner_order', reason: 'Its corners are no walk.', skips: true };
    const odd = { code: 'flight_direction', reason: 'Its direction differs.', skips: false };
    const events: unknown[] = [];
    const log = {
      info: () => undefined,
      warn: (about: unknown, event: string) => events.push([event, about]),
    };
    const products = [
      announced(sampleProduct('M1271742201LC', { center: { lon: NaN, lat: NaN } }), wrong),
      announced(sampleProduct('M1271742202LC'), odd),
    ];
    const counts = await poll(db, log as unknown as Logger, release('one', products));
    expect(counts).toEqual({ discovered: 2, changed: 0, queued: 1 });
    expect(await scans(db)).toMatchObject([
      { state: 'skipped', error_code: 'corner_order', error: 'Its corners are no walk.' },
      { state: 'queued', error_code: null, error: null },
    ]);
    expect(events).toEqual([
      [
        'Poll:DoubtfulRow',
        { product: 'M1271742202LC', code: 'flight_direction', reason: 'Its direction differs.' },
      ],
    ]);
  });

  it('tells of twenty doubtful rows of a release at most', async () => {
    const db = await createDatabase();
    await useModel(db);
    const odd = { code: 'flight_direction', reason: 'Its direction differs.', skips: false };
    let warnings = 0;
    const log = { info: () => undefined, warn: () => warnings++ } as unknown as Logger;
    const products = Array.from({ length: 30 }, (_, n) =>
      announced(sampleProduct(`M${1271742200 + n}LC`), odd),
    );
    await poll(db, log, release('one', products));
    expect(warnings).toBe(20);
  });

  it('takes of a volume that was announced in part only what is known, in the backfill lane', async () => {
    const db = await createDatabase();
    await useModel(db);
    await poll(db, silent, release('one', [announced(sampleProduct('M1271742201LC'))]));
    const again = [
      announced(sampleProduct('M1271742201LC', { rowHash: 'changed' })),
      announced(sampleProduct('M1271742202LC')),
    ];
    expect(await poll(db, silent, release('two', again, { knownOnly: true }))).toEqual({
      discovered: 0,
      changed: 1,
      queued: 1,
    });
    expect(await scans(db)).toMatchObject([
      { product_id: 'M1271742201LC', state: 'skipped', lane: 'live', error_code: 'superseded' },
      { product_id: 'M1271742201LC', state: 'queued', lane: 'backfill' },
    ]);
  });

  it('follows a product that only moved, without another scan', async () => {
    const db = await createDatabase();
    await useModel(db);
    const product = sampleProduct('M1271742201LC');
    await poll(db, silent, release('one', [announced(product)]));
    const moved = { ...product, volumeId: 'LROLRC_1099A', fileSpecification: 'elsewhere' };
    expect(await poll(db, silent, release('two', [announced(moved)]))).toEqual({
      discovered: 0,
      changed: 0,
      queued: 0,
    });
    expect(await scans(db)).toMatchObject([{ volume_id: 'LROLRC_1099A', state: 'queued' }]);
  });

  it('keeps the state of a source that found nothing new', async () => {
    const db = await createDatabase();
    await useModel(db);
    await poll(db, silent, release('turn 2', [], { quiet: true }));
    expect(await getSetting(db, 'archive.state test')).toBe('turn 2');
  });
});
