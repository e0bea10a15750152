import { expect, it } from 'vitest';
import { TransientError } from '../../src/domain/errors.js';
import type { Database } from '../../src/store/database.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { listDetections } from '../../src/store/queries/list-detections.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const PRODUCT = sampleProduct('M1271742202LC');
const IMAGE = PRODUCT.imageId;

async function withQueuedProduct(createDatabase: CreateDatabase): Promise<Database> {
  const db = await createDatabase();
  await useModel(db);
  await announce(db, PRODUCT);
  return db;
}

async function rescan(db: Database, detections = [sampleDetection(IMAGE, 1), sampleDetection(IMAGE, 2)]) {
  await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
  return commitScan(db, await claim(db), sampleResult(detections));
}

/** Rows with the transaction that wrote them: a touched row shows. */
const physicalRows = (db: Database, table: string) =>
  db.query(`SELECT xmin::text, ctid::text, t.* FROM selenoscan_data.${table} t ORDER BY 1, 2`);

describeWithDatabase('committing a scan', (createDatabase) => {
  it('writes result, detections and chips, and shows them in the view', async () => {
    const db = await withQueuedProduct(createDatabase);
    const scan = await claim(db);
    const detections = [sampleDetection(IMAGE, 1), sampleDetection(IMAGE, 2)];
    const outcome = await commitScan(db, scan, sampleResult(detections));
    expect(outcome).toEqual({ outcome: 'committed', inserted: 2, updated: 0, deleted: 0, superseded: 0 });

    const rows = await listDetections(db, { limit: 10 });
    expect(rows.map((row) => row.rank_in_image)).toEqual([1, 2]);
    expect(rows[0]).toMatchObject({
      product_id: 'M1271742202LC',
      product_version: 'v1.9',
      image_id: 'M1271742202L',
      observed_at: PRODUCT.startTime,
      score: 5.9,
      scores: { l2: 2.5, b: 1.25 },
      lon: 22.05,
      lat: 19.5,
      geom: { type: 'Point', coordinates: [22.05, 19.5] },
      sun_azimuth_deg: 94.5,
      model_id: MODEL,
      product_url: 'https://data.lroc.im-ldi.com/lroc/view_lroc/LRO-L-LROC-3-CDR-V1.0/M1271742202LC',
    });
    const [chip] = await db.query<{ tile: Buffer; reconstruction: Buffer }>(
      'SELECT tile, reconstruction FROM selenoscan_data.chip ORDER BY detection_pk LIMIT 1',
    );
    expect(chip?.tile).toEqual(detections[0]?.chips.tile);
    expect(chip?.reconstruction).toEqual(detections[0]?.chips.reconstruction);
    const [stored] = await db.query<{
      score_map: Buffer;
      state: string;
      is_current: boolean;
      masked: unknown;
    }>('SELECT score_map, state, is_current, masked FROM selenoscan_data.scan');
    expect(stored).toMatchObject({ state: 'scanned', is_current: true, masked: { scored: 90, shadow: 4 } });
    expect(stored?.score_map.readFloatLE(0)).toBe(1.25);
    expect(stored?.score_map.readFloatLE(4)).toBeNaN();
  });

  it('writes an image without geometry and without anything found', async () => {
    const db = await withQueuedProduct(createDatabase);
    await commitScan(
      db,
      await claim(db),
      sampleResult([sampleDetection(IMAGE, 1, null)], { coverage: null }),
    );
    expect(await listDetections(db, { limit: 10 })).toMatchObject([
      { geom: null, lon: null, uncertainty_m: null },
    ]);
    expect(await rescan(db, [])).toMatchObject({ outcome: 'committed', deleted: 1 });
    expect(await listDetections(db, { limit: 10 })).toEqual([]);
    expect(await db.query('SELECT * FROM selenoscan.coverage')).toHaveLength(1);
  });

  it('changes no row of a detection or chip when a re-scan finds the same', async () => {
    const db = await withQueuedProduct(createDatabase);
    await commitScan(
      db,
      await claim(db),
      sampleResult([sampleDetection(IMAGE, 1), sampleDetection(IMAGE, 2)]),
    );
    const before = [await physicalRows(db, 'detection'), await physicalRows(db, 'chip')];
    expect(await rescan(db)).toEqual({
      outcome: 'committed',
      inserted: 0,
      updated: 0,
      deleted: 0,
      superseded: 0,
    });
    expect([await physicalRows(db, 'detection'), await physicalRows(db, 'chip')]).toEqual(before);
  });

  it('keeps ids and updates values when a re-scan scores otherwise', async () => {
    const db = await withQueuedProduct(createDatabase);
    await commitScan(db, await claim(db), sampleResult([sampleDetection(IMAGE, 1)]));
    const [before] = await listDetections(db, { limit: 1 });
    const rescored = { ...sampleDetection(IMAGE, 1), score: 7.25 };
    expect(await rescan(db, [rescored])).toMatchObject({ inserted: 0, updated: 1 });
    const [after] = await listDetections(db, { limit: 1 });
    expect(after).toMatchObject({ id: before?.id, score: 7.25 });
  });

  it('deletes what vanished but keeps what was reviewed, as superseded, until it is found again', async () => {
    const db = await withQueuedProduct(createDatabase);
    await commitScan(
      db,
      await claim(db),
      sampleResult([1, 2, 3].map((rank) => sampleDetection(IMAGE, rank))),
    );
    await db.query(`UPDATE selenoscan_data.detection SET review = 'hardware' WHERE rank_in_image = 2`);
    expect(await rescan(db, [sampleDetection(IMAGE, 1)])).toMatchObject({ deleted: 1, superseded: 1 });
    expect((await listDetections(db, { limit: 9 })).map((row) => row.rank_in_image)).toEqual([1]);
    const superseded = 'SELECT rank_in_image FROM selenoscan_data.detection WHERE superseded_at IS NOT NULL';
    expect(await db.query(superseded)).toEqual([{ rank_in_image: 2 }]);

    expect(await rescan(db)).toMatchObject({ inserted: 0, updated: 1, superseded: 0 });
    expect((await listDetections(db, { limit: 9 })).map((row) => row.review)).toEqual([null, 'hardware']);
  });

  it('refuses a late commit once the lease went to another worker, and writes nothing of it', async () => {
    const db = await withQueuedProduct(createDatabase);
    const late = await claim(db, { leaseSeconds: 0 });
    const prompt = await claim(db);
    expect(prompt.scanId).toBe(late.scanId);
    expect(await commitScan(db, late, sampleResult([sampleDetection(IMAGE, 1)]))).toEqual({
      outcome: 'lease-lost',
    });
    expect(await listDetections(db, { limit: 9 })).toEqual([]);
    expect(await commitScan(db, prompt, sampleResult([]))).toMatchObject({ outcome: 'committed' });
    expect(await commitScan(db, late, sampleResult([]))).toEqual({ outcome: 'lease-lost' });
  });

  it('lets the newer version of an image stand, whichever is committed first', async () => {
    const db = await withQueuedProduct(createDatabase);
    const older = await claim(db);
    await announce(db, { ...PRODUCT, version: 'v2.0', rowHash: 'changed' });
    const newer = await claim(db);
    expect(newer.product.version).toBe('v2.0');
    await commitScan(db, newer, sampleResult([sampleDetection(IMAGE, 1)]));
    expect(await commitScan(db, older, sampleResult([sampleDetection(IMAGE, 2)]))).toEqual({
      outcome: 'outdated',
    });
    expect(await listDetections(db, { limit: 9 })).toMatchObject([
      { rank_in_image: 1, product_version: 'v2.0' },
    ]);
  });

  it('replaces what an older version showed', async () => {
    const db = await withQueuedProduct(createDatabase);
    await commitScan(db, await claim(db), sampleResult([sampleDetection(IMAGE, 1)]));
    await announce(db, { ...PRODUCT, version: 'v2.0', rowHash: 'changed' });
    await commitScan(
      db,
      await claim(db),
      sampleResult([sampleDetection(IMAGE, 1), sampleDetection(IMAGE, 2)]),
    );
    const rows = await listDetections(db, { limit: 9 });
    expect(rows.map((row) => row.product_version)).toEqual(['v2.0', 'v2.0']);
    expect(await db.query('SELECT product_version FROM selenoscan.coverage')).toEqual([
      { product_version: 'v2.0' },
    ]);
  });
});

describeWithPostgres('committing a scan over a connection that breaks', () => {
  it('leaves nothing behind when its connection is killed in the middle', async () => {
    const db = await withQueuedProduct(async () => (await createTestDatabase()).db);
    const scan = await claim(db);
    const killed: Database = {
      ...db,
      query: (sql, parameters) => db.query(sql, parameters),
      close: () => db.close(),
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            async query(sql, parameters) {
              if (sql.includes('DELETE')) {
                const [{ pid } = { pid: 0 }] = await tx.query<{ pid: number }>(
                  'SELECT pg_backend_pid() AS pid',
                );
                await db.query('SELECT pg_terminate_backend($1)', [pid]);
              }
              return tx.query(sql, parameters);
            },
          }),
        ),
    };
    const commit = commitScan(killed, scan, sampleResult([sampleDetection(IMAGE, 1)]));
    await expect(commit).rejects.toThrow(TransientError);
    const counts =
      'SELECT (SELECT count(*) FROM selenoscan_data.detection) + (SELECT count(*) FROM selenoscan_data.chip) AS rows';
    expect(await db.query(counts)).toEqual([{ rows: 0 }]);
    expect(await db.query('SELECT state FROM selenoscan_data.scan')).toEqual([{ state: 'claimed' }]);
    expect(await commitScan(db, scan, sampleResult([sampleDetection(IMAGE, 1)]))).toMatchObject({
      inserted: 1,
    });
  });
});
