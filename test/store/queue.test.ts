import { expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { activeModel } from '../../src/store/queries/active-model.js';
import { claimScan } from '../../src/store/queries/claim-scan.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { finishScan } from '../../src/store/queries/finish-scan.js';
import { listDetections } from '../../src/store/queries/list-detections.js';
import { queueStatus } from '../../src/store/queries/queue-status.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { releaseScan } from '../../src/store/queries/release-scan.js';
import { renewLease } from '../../src/store/queries/renew-lease.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { takeQueue } from '../../src/store/queries/take-queue.js';
import { upsertProducts } from '../../src/store/queries/upsert-products.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { addRule, outbox } from './alert-samples.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const productId = (i: number): string => `M${1271742200 + i}LC`;
const OPTIONS = { modelId: MODEL, worker: 'test', leaseSeconds: 60, maxAttempts: 3 };
const states = (db: Database) =>
  db.query('SELECT state, error_code FROM selenoscan_data.scan ORDER BY product_pk');

async function withModel(createDatabase: CreateDatabase): Promise<Database> {
  const db = await createDatabase();
  await useModel(db);
  return db;
}

describeWithDatabase('announcing products', (createDatabase) => {
  it('queues what is new and changes nothing when the same is announced again', async () => {
    const db = await withModel(createDatabase);
    const products = Array.from({ length: 30 }, (_, i) => sampleProduct(productId(i)));
    expect(await announce(db, ...products)).toEqual({ discovered: 30, changed: 0, queued: 30 });
    const before = await db.query('SELECT xmin::text, * FROM selenoscan_data.scan ORDER BY id');
    expect(await announce(db, ...products)).toEqual({ discovered: 0, changed: 0, queued: 0 });
    expect(await db.query('SELECT xmin::text, * FROM selenoscan_data.scan ORDER BY id')).toEqual(before);
  });

  it('gives every field of a product back to the worker that claims it', async () => {
    const db = await withModel(createDatabase);
    const product = sampleProduct(productId(1), {
      frame: 'RIGHT',
      emissionDeg: NaN,
      center: { lon: NaN, lat: NaN },
    });
    await announce(db, product);
    expect((await claim(db)).product).toEqual(product);
    expect(await db.query('SELECT emission_deg, geom FROM selenoscan.products')).toEqual([
      { emission_deg: null, geom: null },
    ]);
  });

  it('takes a changed row as a new version to scan, in place of the old one that still waits', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    const changed = sampleProduct(productId(1), { rowHash: 'changed' });
    expect(await announce(db, changed)).toEqual({ discovered: 0, changed: 1, queued: 1 });
    expect(await states(db)).toEqual([
      { state: 'skipped', error_code: 'superseded' },
      { state: 'queued', error_code: null },
    ]);
  });

  it('takes EDR and CDR of one frame as one image and scans the one that came first', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct('M1271742202LC'));
    expect(await announce(db, sampleProduct('M1271742202LE'))).toEqual({
      discovered: 1,
      changed: 0,
      queued: 0,
    });
    expect(await states(db)).toEqual([
      { state: 'queued', error_code: null },
      { state: 'skipped', error_code: 'same_image' },
    ]);
  });

  it('takes only what is new of known products where the rest was never asked for', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)), sampleProduct(productId(2)));
    const products = [
      sampleProduct(productId(1)),
      sampleProduct(productId(2), { rowHash: 'changed' }),
      sampleProduct(productId(3)),
    ].map((product) => ({ product }));
    const counts = await upsertProducts(db, { products, lane: 'backfill', modelId: MODEL, knownOnly: true });
    expect(counts).toEqual({ discovered: 0, changed: 1, queued: 1 });
    expect(await db.query('SELECT lane, state FROM selenoscan_data.scan ORDER BY product_pk')).toEqual([
      { lane: 'live', state: 'queued' },
      { lane: 'live', state: 'skipped' },
      { lane: 'backfill', state: 'queued' },
    ]);
  });

  it('records a product that is filtered out as skipped with its reason', async () => {
    const db = await withModel(createDatabase);
    const skip = { code: 'night', reason: 'The Sun is below the horizon (incidence 95.0 degrees).' };
    const products = [{ product: sampleProduct(productId(1)), skip }];
    const counts = await upsertProducts(db, { products, lane: 'live', modelId: MODEL });
    expect(counts).toEqual({ discovered: 1, changed: 0, queued: 0 });
    expect(await db.query('SELECT state, error_code, error FROM selenoscan.products')).toEqual([
      { state: 'skipped', error_code: 'night', error: skip.reason },
    ]);
  });
});

describeWithPostgres('claiming scans at the same time', () => {
  it('never gives one scan to two of eight concurrent workers', async () => {
    const { db, url } = await createTestDatabase();
    await useModel(db);
    const count = 200;
    await announce(db, ...Array.from({ length: count }, (_, i) => sampleProduct(productId(i))));
    const workers = await Promise.all(Array.from({ length: 8 }, () => openPostgres({ url, poolSize: 1 })));
    const claimed = await Promise.all(
      workers.map(async (worker, i) => {
        const ids: number[] = [];
        for (;;) {
          const scan = await claimScan(worker, { ...OPTIONS, worker: `worker ${i}` });
          if (scan === null) return ids;
          ids.push(scan.scanId);
        }
      }),
    );
    await Promise.all(workers.map((worker) => worker.close()));
    expect(claimed.flat()).toHaveLength(count);
    expect(new Set(claimed.flat()).size).toBe(count);
    expect(claimed.filter((ids) => ids.length > 0).length).toBeGreaterThan(1);
  });
});

describeWithDatabase('claiming scans', (createDatabase) => {
  it('takes live before backfill, in the order of arrival, and only lanes and models asked for', async () => {
    const db = await withModel(createDatabase);
    const backfill = [{ product: sampleProduct(productId(1)) }];
    await upsertProducts(db, { products: backfill, lane: 'backfill', modelId: MODEL });
    await announce(db, sampleProduct(productId(2)), sampleProduct(productId(3)));
    expect(await claimScan(db, { ...OPTIONS, modelId: 'other@1' })).toBeNull();
    const order = [await claim(db), await claim(db)].map((scan) => scan.product.productId);
    expect(order).toEqual([productId(2), productId(3)]);
    expect(await claimScan(db, { ...OPTIONS, lanes: ['live'] })).toBeNull();
    expect(await claim(db)).toMatchObject({ lane: 'backfill', attempts: 1 });
    expect(await claimScan(db, OPTIONS)).toBeNull();
  });

  it('gives an expired lease to the next worker, and the first one cannot renew it', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    const first = await claim(db, { leaseSeconds: 0 });
    expect(await renewLease(db, first, 0)).toBe(true);
    const second = await claim(db);
    expect(second).toMatchObject({ scanId: first.scanId, attempts: 2 });
    expect(await renewLease(db, first, 60)).toBe(false);
    expect(await releaseScan(db, first)).toBe(false);
    expect(await finishScan(db, first, { state: 'failed', code: 'x', reason: 'x' })).toBeNull();
    expect(await renewLease(db, second, 60)).toBe(true);
  });

  it('fails a scan that kills its worker each time', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    for (let attempt = 1; attempt <= 3; attempt += 1) await claim(db, { leaseSeconds: 0 });
    expect(await claimScan(db, OPTIONS)).toBeNull();
    expect(await db.query('SELECT state, error_code, error FROM selenoscan_data.scan')).toEqual([
      {
        state: 'failed',
        error_code: 'attempts',
        error: 'The scan was begun 3 times and never came to an end.',
      },
    ]);
  });

  it('takes a scan whose worker died before those that wait', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3, 4].map((i) => sampleProduct(productId(i))));
    const left = await claim(db, { leaseSeconds: 0 });
    expect(await claim(db)).toMatchObject({ scanId: left.scanId, attempts: 2 });
    expect(await claim(db)).toMatchObject({ product: { productId: productId(2) } });
  });

  it('gives a scan back at shutdown to the front of its lane', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3, 4].map((i) => sampleProduct(productId(i))));
    const [first, second] = [await claim(db), await claim(db)];
    for (const scan of [first, second]) await releaseScan(db, scan);
    const next = [await claim(db), await claim(db)].map(({ scanId }) => scanId);
    expect(next.sort()).toEqual([first.scanId, second.scanId].sort());
  });

  it('lets a scan that was left twice rest, while others go on', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3].map((i) => sampleProduct(productId(i))));
    const killer = await claim(db, { leaseSeconds: 0 });
    expect((await claim(db, { leaseSeconds: 0 })).scanId).toBe(killer.scanId);
    const resting = { ...OPTIONS, retrySeconds: 600 };
    expect(await claimScan(db, resting)).toMatchObject({ product: { productId: productId(2) } });
    await db.query(`UPDATE selenoscan_data.scan SET available_at = now() - interval '601 s' WHERE id = $1`, [
      killer.scanId,
    ]);
    expect(await claimScan(db, resting)).toMatchObject({ scanId: killer.scanId, attempts: 3 });
  });

  it('fails the scan that kills its workers, and none of those that were beside it', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3, 4, 5, 6].map((i) => sampleProduct(productId(i))));
    const killer = productId(3);
    // A process has three images in work; it dies of the one, or brings them to an end.
    for (let life = 0; life < 20; life++) {
      const inWork = [];
      while (inWork.length < 3) {
        const scan = await claimScan(db, { ...OPTIONS, maxAttempts: 5 });
        if (scan === null) break;
        inWork.push(scan);
      }
      if (inWork.length === 0) break;
      const dies = inWork.some(({ product }) => product.productId === killer);
      for (const scan of inWork)
        await (dies
          ? renewLease(db, scan, 0)
          : finishScan(db, scan, { state: 'invalid', code: 'done', reason: 'Done.' }));
    }
    expect(await db.query('SELECT product_id, state, error_code FROM selenoscan.products')).toEqual(
      [1, 2, 3, 4, 5, 6].map((i) =>
        productId(i) === killer
          ? { product_id: killer, state: 'failed', error_code: 'attempts' }
          : { product_id: productId(i), state: 'invalid', error_code: 'done' },
      ),
    );
  });

  it('does not count a scan that is given back at shutdown as an attempt', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    expect(await releaseScan(db, await claim(db))).toBe(true);
    expect(await claim(db)).toMatchObject({ attempts: 1 });
  });
});

describeWithDatabase('ending scans without a result', (createDatabase) => {
  it('retries passing trouble after a while, and fails it at the last attempt', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    const trouble = { state: 'queued', code: 'http-503', reason: 'Busy.', maxAttempts: 2 } as const;
    expect(await finishScan(db, await claim(db), { ...trouble, retryInSeconds: 0 })).toBe('queued');
    expect(await finishScan(db, await claim(db), { ...trouble, retryInSeconds: 0 })).toBe('failed');
    await requeueScans(db, { modelId: MODEL, states: ['failed'], errorPrefix: 'http' });
    expect(await finishScan(db, await claim(db), { ...trouble, retryInSeconds: 60 })).toBe('queued');
    expect(await claimScan(db, OPTIONS)).toBeNull();
  });

  it('asks for a missing product again and again without failing it', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    const missing = {
      state: 'missing',
      code: 'missing',
      reason: 'Not there yet.',
      retryInSeconds: 0,
    } as const;
    for (let day = 1; day <= 5; day += 1) {
      expect(await finishScan(db, await claim(db), missing)).toBe('missing');
    }
  });

  it('requeues by state, code and age, and nothing else', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)), sampleProduct(productId(2)));
    await finishScan(db, await claim(db), { state: 'invalid', code: 'truncated', reason: 'Cut short.' });
    const filter = { modelId: MODEL, states: ['invalid', 'failed'] as const };
    expect(await requeueScans(db, { ...filter, errorPrefix: 'html' })).toBe(0);
    expect(await requeueScans(db, { ...filter, since: new Date(Date.now() + 3_600_000) })).toBe(0);
    expect(await requeueScans(db, { ...filter, before: new Date(0) })).toBe(0);
    const any = {
      ...filter,
      errorPrefix: 'trunc',
      since: new Date(0),
      before: new Date(Date.now() + 3_600_000),
    };
    expect(await requeueScans(db, any)).toBe(1);
  });

  it('shows in the status how the queue stands', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3, 4].map((i) => sampleProduct(productId(i))));
    await finishScan(db, await claim(db), { state: 'invalid', code: 'truncated', reason: 'Cut short.' });
    await commitScan(db, await claim(db), sampleResult([]));
    await claim(db);
    const status = await queueStatus(db, MODEL);
    expect(status.lanes.live).toMatchObject({ queued: 1, claimed: 1, scanned: 1, invalid: 1, failed: 0 });
    expect(status).toMatchObject({
      scannedLastHour: 1,
      scannedLastDay: 1,
      secondsPerScan: 12.5,
      lastRelease: { volumeId: 'LROLRC_1067A' },
      errors: [{ state: 'invalid', code: 'truncated', count: 1 }],
      skipped: [],
    });
  });
});

describeWithDatabase('changing the model', (createDatabase) => {
  it('shows the results of the active model alone, and hands it the waiting queue', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)), sampleProduct(productId(2)));
    const first = await claim(db);
    await commitScan(db, first, sampleResult([sampleDetection(first.product.imageId, 1)]));
    expect(await listDetections(db, { limit: 9 })).toHaveLength(1);

    const other = 'better@ba9876543210';
    await registerModel(db, { id: other, manifest: {}, calibration: {} });
    await activateModel(db, other);
    expect(await activeModel(db)).toBe(other);
    expect(await listDetections(db, { limit: 9 })).toEqual([]);
    expect(await db.query('SELECT * FROM selenoscan.coverage')).toEqual([]);
    expect(await claim(db, { modelId: other })).toMatchObject({ product: { productId: productId(2) } });

    await activateModel(db, MODEL);
    expect(await listDetections(db, { limit: 9 })).toHaveLength(1);
    expect(await db.query('SELECT * FROM selenoscan.coverage')).toHaveLength(1);
  });

  it('hides what a worker with the former model commits afterwards', async () => {
    const db = await withModel(createDatabase);
    await announce(db, sampleProduct(productId(1)));
    const scan = await claim(db);
    await useModel(db, 'better@ba9876543210');
    const result = sampleResult([sampleDetection(scan.product.imageId, 1)]);
    expect(await commitScan(db, scan, result)).toMatchObject({ outcome: 'committed' });
    expect(await listDetections(db, { limit: 9 })).toEqual([]);
  });

  it('takes over what is given back, or left by its worker, after the model was changed', async () => {
    const db = await withModel(createDatabase);
    await announce(db, ...[1, 2, 3].map((i) => sampleProduct(productId(i))));
    const [given, left, kept] = [await claim(db), await claim(db), await claim(db)];
    const other = 'better@ba9876543210';
    await useModel(db, other);
    expect(await claimScan(db, { ...OPTIONS, modelId: other })).toBeNull();
    await releaseScan(db, given);
    await renewLease(db, left, 0);
    expect(await takeQueue(db, other)).toBe(2);
    expect(await takeQueue(db, other)).toBe(0);
    const taken = [await claim(db, { modelId: other }), await claim(db, { modelId: other })];
    expect(taken.map(({ scanId }) => scanId).sort()).toEqual([given.scanId, left.scanId].sort());
    expect(await renewLease(db, left, 60)).toBe(false);
    expect(await renewLease(db, kept, 60)).toBe(true);
  });

  it('leaves an image that was in work when the model changed to the new one, whose scan alerts', async () => {
    const db = await withModel(createDatabase);
    await addRule(db, { name: 'all' });
    const product = sampleProduct(productId(1));
    await announce(db, product);
    const scan = await claim(db);
    const other = 'better@ba9876543210';
    await useModel(db, other);
    const found = [sampleDetection(product.imageId, 1)];
    await commitScan(db, scan, sampleResult(found));
    expect(await outbox(db)).toEqual([]);
    const again = await claim(db, { modelId: other });
    expect(again).toMatchObject({ lane: 'live', product: { productId: product.productId } });
    const result = sampleResult(found);
    const provenance = { ...result.provenance, modelId: other };
    await commitScan(db, again, { ...result, provenance });
    expect(await outbox(db)).toHaveLength(1);
    expect(await claimScan(db, { ...OPTIONS, modelId: other })).toBeNull();
  });

  it('refuses a model that is not registered', async () => {
    const db = await withModel(createDatabase);
    await expect(activateModel(db, 'nobody@0')).rejects.toThrow(/nobody@0 is not registered/);
    expect(await activeModel(db)).toBe(MODEL);
  });
});
