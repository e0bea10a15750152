import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { createResultReader } from '../../src/cli/result-reader.js';
import type { DetectionQuestion, LonLatBox } from '../../src/domain/results.js';
import type { ResultReader } from '../../src/http/result-reader.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { describeWithDatabase } from '../support/database.js';
import {
  announce,
  claim,
  sampleDetection,
  sampleProduct,
  sampleResult,
  squareAround,
  useModel,
} from './samples.js';

/** Places of three images: one east, one west of the antimeridian, one at the south pole. */
const GROUNDS = [
  { lon: 179.99, lat: 10 },
  { lon: -179.99, lat: 10 },
  { lon: 45, lat: -89.9 },
];

async function scanAt(db: Database, productId: string, place: { lon: number; lat: number }, day: number) {
  const product = sampleProduct(productId, { startTime: new Date(Date.UTC(2026, 0, day)) });
  await announce(db, product);
  const lease = await claim(db);
  const detections = Array.from({ length: 6 }, (_, i) =>
    sampleDetection(product.imageId, i + 1, i === 5 ? null : { lon: place.lon, lat: place.lat + i / 1000 }),
  );
  await commitScan(
    db,
    lease,
    sampleResult(detections, { coverage: squareAround(place.lon, place.lat, 0.005) }),
  );
}

describeWithDatabase('the results as people ask for them', (createDatabase) => {
  let db: Database;
  let results: ResultReader;
  const ask = (question: Partial<DetectionQuestion>) => results.detections({ limit: 1000, ...question });
  beforeAll(async () => {
    db = await createDatabase();
    results = createResultReader(db);
    await useModel(db);
    for (const [i, ground] of GROUNDS.entries()) await scanAt(db, `M127174220${i}LC`, ground, i + 1);
    await db.query(`UPDATE selenoscan_data.detection
      SET known_object_id = (SELECT min(id) FROM selenoscan_data.known_object), known_object_distance_m = 5
      WHERE rank_in_image = 2 AND EXISTS (SELECT FROM selenoscan_data.known_object)`);
  });

  it('come by score, equal scores by id, in pages that neither skip nor repeat', async () => {
    const all = await ask({});
    expect(all).toHaveLength(18);
    const sorted = [...all].sort((a, b) => b.score - a.score || a.id - b.id);
    expect(all.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), async (limit) => {
        const seen: number[] = [];
        for (
          let page = await ask({ limit });
          page.length > 0;
          page = await ask({ limit, after: page.at(-1) })
        )
          seen.push(...page.map(({ id }) => id));
        expect(seen).toEqual(all.map(({ id }) => id));
      }),
      { numRuns: 4 },
    );
  });

  it('are found by a box, also across the antimeridian and at a pole', async () => {
    const found = async (bbox: LonLatBox) =>
      [...new Set((await ask({ bbox })).map(({ lon }) => Math.round((lon ?? 0) * 100) / 100))].sort(
        (a, b) => a - b,
      );
    expect(await found({ west: 179, south: 0, east: -179, north: 20 })).toEqual([-179.99, 179.99]);
    expect(await found({ west: 179, south: 0, east: 180, north: 20 })).toEqual([179.99]);
    expect(await found({ west: -180, south: -90, east: 180, north: -89 })).toEqual([45]);
    expect(await found({ west: -10, south: -10, east: 10, north: 10 })).toEqual([]);
  });

  it('are found by a box exactly as by its numbers', async () => {
    const all = await ask({});
    const edge = fc.double({ min: -0.02, max: 0.02, noNaN: true });
    await fc.assert(
      fc.asyncProperty(edge, edge, async (a, b) => {
        const [south, north] = [10 + Math.min(a, b), 10 + Math.max(a, b)];
        const inside = all
          .filter(({ lat }) => lat !== null && lat >= south && lat <= north)
          .map(({ id }) => id);
        const found = await ask({ bbox: { west: -180, south, east: 180, north } });
        expect(found.map(({ id }) => id)).toEqual(inside);
      }),
      { numRuns: 20 },
    );
  });

  it('are filtered by score, image, time and known object', async () => {
    expect((await ask({ minScore: 5.8 })).every(({ score }) => score >= 5.8)).toBe(true);
    expect(await ask({ minScore: 5.8 })).toHaveLength(6);
    expect(await ask({ imageId: 'M1271742201L' })).toHaveLength(6);
    expect(await ask({ imageId: "M' OR true --" })).toEqual([]);
    expect(await ask({ since: new Date('2026-01-02'), until: new Date('2026-01-03') })).toHaveLength(6);
    const [known, unknown] = [await ask({ known: true }), await ask({ known: false })];
    expect(known.every(({ known_object: name }) => name !== null)).toBe(true);
    expect(known.length + unknown.length).toBe(18);
  });

  it('have an outline and four pictures, and nothing for an id that is not there', async () => {
    const [best] = await ask({ limit: 1 });
    const id = best?.id ?? 0;
    const whole = await results.detection(id);
    expect(whole).toMatchObject({ id, outline: { type: 'MultiPolygon' }, uncertainty_m: 205.5 });
    expect(Buffer.from((await results.picture(id, 'tile')) ?? []).toString()).toBe('tile 1');
    expect(Buffer.from((await results.picture(id, 'context')) ?? []).toString()).toBe('context 1');
    expect(await results.detection(1e9)).toBeNull();
    expect(await results.picture(1e9, 'tile')).toBeNull();
  });

  it('tell the ground that was looked at with the number of its detections', async () => {
    const coverage = await results.coverage({ limit: 10 });
    expect(coverage.map(({ product_id: id }) => id).sort()).toEqual([
      'M1271742200LC',
      'M1271742201LC',
      'M1271742202LC',
    ]);
    expect(coverage.every(({ detections }) => detections === 6)).toBe(true);
    const [only, ...rest] = await results.coverage({
      bbox: { west: 40, south: -90, east: 50, north: -80 },
      limit: 10,
    });
    expect(only).toMatchObject({ product_id: 'M1271742202LC', geometry: { type: 'MultiPolygon' } });
    expect(rest).toEqual([]);
  });

  it('name the features of a box, the largest first', async () => {
    await db.query(`INSERT INTO selenoscan_data.feature (id, name, type, lon, lat, diameter_km) VALUES
      (9000001, 'Test A', 'crater', 179.5, 1, 20), (9000002, 'Test B', 'crater', -179.5, 1, 30),
      (9000003, 'Test C', 'crater', 0, 1, 5000), (9000004, 'Test D', 'landing site name', 179.6, 1, NULL)`);
    const bbox = { west: 179, south: 0.9, east: -179, north: 1.1 };
    const names = async (minDiameterKm?: number) =>
      (await results.features({ bbox, minDiameterKm, limit: 100 }))
        .map(({ name }) => name)
        .filter((name) => name.startsWith('Test'));
    expect(await names()).toEqual(['Test B', 'Test A', 'Test D']);
    expect(await names(25)).toEqual(['Test B']);
  });

  it('have a revision that changes with a commit and with the model, and only then', async () => {
    const before = await results.revision();
    expect(await results.revision()).toBe(before);
    await scanAt(db, 'M1271742209LC', { lon: 0, lat: 0 }, 9);
    const after = await results.revision();
    expect(after).not.toBe(before);
    await registerModel(db, { id: 'other@0123456789ab', manifest: {}, calibration: {} });
    await activateModel(db, 'other@0123456789ab');
    expect(await results.revision()).not.toBe(after);
  });
});
