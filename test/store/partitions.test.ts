import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { loadReference } from '../../src/store/reference.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { grantRoles } from '../../src/store/roles.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

const SCRIPT = new URL('../../migrations/optional/partition_detections.sql', import.meta.url);

const QUESTIONS = [
  'SELECT * FROM selenoscan.detections ORDER BY id',
  'SELECT * FROM selenoscan.detection_outlines ORDER BY id',
  `SELECT * FROM selenoscan.within_radius(178, 40, 400000, 'any') ORDER BY id`,
  'SELECT distance_m FROM selenoscan.nearest(-29.9, 0, 12) ORDER BY 1',
  'SELECT score FROM selenoscan.best_in_box(150, -60, -150, 60, 40)',
  'SELECT score FROM selenoscan.best_in_box(-40, -60, 40, 60, 40)',
  'SELECT detection_pk, tile FROM selenoscan_data.chip ORDER BY 1',
];

describeWithPostgres('detections in partitions', () => {
  it('give the same answers by the same indexes, and take scans as before', async () => {
    const { db } = await createTestDatabase();
    await loadReference(db);
    await useModel(db);
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    const found = Array.from({ length: 600 }, (_, i) => ({
      ...sampleDetection(product.imageId, i + 1, {
        lon: ((i * 7919) % 3600) / 10 - 180,
        lat: ((i * 31) % 170) - 85,
      }),
      score: 1 + ((i * 37) % 601) / 100,
    }));
    const placeless = sampleDetection(product.imageId, 700, null);
    await commitScan(db, await claim(db), sampleResult([...found, placeless]));
    const answers = () => Promise.all(QUESTIONS.map((sql) => db.query(sql)));
    const before = await answers();
    for (const rows of before) expect(rows.length).toBeGreaterThan(5);

    await db.query(await readFile(SCRIPT, 'utf8'));
    await grantRoles(db);
    await db.query('ANALYZE selenoscan_data.detection');
    expect(await answers()).toEqual(before);
    const zones = await db.query<{ name: string; rows: number }>(
      'SELECT tableoid::regclass::text AS name, count(*) AS rows FROM selenoscan_data.detection GROUP BY 1 ORDER BY 1',
    );
    expect(zones).toHaveLength(13);
    expect(zones[0]).toEqual({ name: 'selenoscan_data.detection_placeless', rows: 1 });

    const plan = await explain(db, 'SELECT * FROM selenoscan.within_radius(10, 20, 1000)');
    expect(plan).toContain('Index Scan using detection_zone_06_moon_xyz_idx');
    const best = await explain(
      db,
      'SELECT id FROM selenoscan.detections WHERE geom && ST_MakeEnvelope(0, 0, 70, 30, 30100) ORDER BY score <-> 1000::float8 LIMIT 20',
    );
    expect(best).toContain('Merge Append');
    const pruned = await explain(db, 'SELECT id FROM selenoscan.detections WHERE lon BETWEEN 31 AND 59');
    expect(pruned).toContain('detection_zone_07');
    expect(pruned).not.toContain('detection_zone_06');

    // A scan anew: one has moved to another zone and keeps its number and pictures, one is new, the rest vanish.
    await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
    const [first, ...others] = found;
    const moved = { ...first!, place: { ...first!.place!, lon: 100 } };
    const fresh = sampleDetection(product.imageId, 900, { lon: 5, lat: 5 });
    const outcome = await commitScan(db, await claim(db), sampleResult([moved, others[0]!, fresh]));
    expect(outcome).toMatchObject({ outcome: 'committed', inserted: 1, updated: 1, deleted: 599 });
    const rows = await db.query('SELECT id, lon FROM selenoscan_data.detection ORDER BY id');
    const number = (before[0] as { id: number; lon: number }[]).find(
      ({ lon }) => lon === first!.place!.lon,
    )!.id;
    expect(rows).toContainEqual({ id: number, lon: 100 });
    expect(await db.query('SELECT FROM selenoscan_data.chip')).toHaveLength(3);
  });
});

async function explain(db: Database, sql: string): Promise<string> {
  return db.transaction(async (tx) => {
    await tx.query(
      'SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off',
    );
    return JSON.stringify(await tx.query(`EXPLAIN ${sql}`));
  });
}
