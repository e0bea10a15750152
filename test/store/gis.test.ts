import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { LonLat, MultiPolygon } from '../../src/domain/geometry.js';
import { nearestFeatureFinder, relativeTo } from '../../src/geo/nearest-feature.js';
import { areaM2, bearingDeg, groundM } from '../../src/geo/sphere.js';
import type { Database } from '../../src/store/database.js';
import { ewkbMultiPolygon } from '../../src/store/ewkb.js';
import { loadGazetteer, readGazetteer } from '../../src/store/gazetteer.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { upsertProducts } from '../../src/store/queries/upsert-products.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';

/** To a ten-thousandth of a millimetre: PostgreSQL refuses numbers whose squares are too small for a double. */
const degrees = (most: number) =>
  fc.integer({ min: -most * 1e9, max: most * 1e9 }).map((billionths) => billionths / 1e9);
const lonLat = fc.record({ lon: degrees(180), lat: degrees(90) });

/** A box of degrees as a polygon. */
function box(west: number, south: number, east: number, north: number): MultiPolygon {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'MultiPolygon', coordinates: [[ring]] };
}

/** Both parts of a box across 180 degrees. */
function boxAcross(west: number, south: number, east: number, north: number): MultiPolygon {
  return {
    type: 'MultiPolygon',
    coordinates: [...box(west, south, 180, north).coordinates, ...box(-180, south, east, north).coordinates],
  };
}

describeWithDatabase('measures on the Moon in SQL', (createDatabase) => {
  let db: Database;
  beforeAll(async () => {
    db = await createDatabase();
    await loadGazetteer(db);
  });

  it('agree with those of the program: distances, directions and areas', async () => {
    await fc.assert(
      fc.asyncProperty(lonLat, lonLat, async (a, b) => {
        const [row] = await db.query<{ metres: number; degrees: number }>(
          `SELECT moon_ground_m($1::float8, $2::float8, $3::float8, $4::float8) AS metres,
             moon_bearing($1::float8, $2::float8, $3::float8, $4::float8) AS degrees`,
          [a.lon, a.lat, b.lon, b.lat],
        );
        const metres = groundM(a, b);
        // Near the opposite point both lose digits, to a metre at most.
        expect(Math.abs((row?.metres ?? NaN) - metres)).toBeLessThan(1);
        if (metres > 10 && metres < 5_000_000 && Math.abs(a.lat) < 89.999) {
          const apart = Math.abs((row?.degrees ?? NaN) - bearingDeg(a, b)) % 360;
          expect(Math.min(apart, 360 - apart)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 60 },
    );
    for (const polygon of [
      box(10, 20, 10.2, 21.5),
      box(-180, 88, 180, 90),
      boxAcross(179.5, -60, -179.9, -55),
      {
        type: 'MultiPolygon' as const,
        coordinates: [[...box(0, 0, 3, 3).coordinates[0]!, ...box(1, 1, 2, 2).coordinates[0]!]],
      },
    ]) {
      const [row] = await db.query<{ area: number }>('SELECT moon_area($1::text::geometry) AS area', [
        ewkbMultiPolygon(polygon),
      ]);
      expect((row?.area ?? NaN) / areaM2(polygon)).toBeCloseTo(1, 5);
    }
  });

  it('put a box around a place that holds all within the radius, and little besides', async () => {
    const centres = [
      [0, 0],
      [45, 35.264],
      [180, 0],
      [-90, 0.01],
      [30, 89.9],
      [0, -90],
      [77.7, -64.2],
    ] as const;
    const rows = await db.query<{ metres: number; inside: number; kept: number; boxed: number }>(
      `WITH place AS (
         SELECT 360 * ((n * 0.61803398875) % 1) - 180 AS lon, degrees(asin(2 * ((n + 0.5) / 4000) - 1)) AS lat
         FROM generate_series(0, 3999) n
       ), near AS (
         SELECT c.lon AS of_lon, c.lat AS of_lat, metres,
           c.lon + k * metres / 40e6 AS lon,
           greatest(-90, least(90, c.lat + (k * 37 % 41 - 20) * metres / 400e3)) AS lat
         FROM unnest($1::float8[], $2::float8[]) AS c(lon, lat), unnest(ARRAY[1, 1e3, 1e5]) AS metres,
           generate_series(-2000, 2000, 17) k
         UNION ALL
         SELECT c.lon, c.lat, metres, place.lon, place.lat
         FROM unnest($1::float8[], $2::float8[]) AS c(lon, lat),
           unnest(ARRAY[0, 3e5, 2e6, 3e6, 5e6, 5458e3, 9e6]) AS metres, place
       ), tried AS (
         SELECT metres, moon_ground_m(lon, lat, of_lon, of_lat) <= metres AS inside,
           moon_xyz(lon, lat) &&& moon_box(of_lon, of_lat, metres) AS boxed
         FROM near
       )
       SELECT metres, count(*) FILTER (WHERE inside) AS inside, count(*) FILTER (WHERE inside AND boxed) AS kept,
         count(*) FILTER (WHERE boxed) AS boxed
       FROM tried GROUP BY metres ORDER BY metres`,
      [centres.map(([lon]) => lon), centres.map(([, lat]) => lat)],
    );
    expect(rows).toHaveLength(10);
    for (const { metres, inside, kept, boxed } of rows) {
      expect(kept, `${metres} m`).toBe(inside);
      if (metres >= 3e5) expect(boxed / inside, `${metres} m`).toBeLessThan(1.6);
    }
    expect(rows.filter(({ inside }) => inside > 50).length).toBeGreaterThan(7);
    const [at] = await db.query(
      'SELECT moon_xyz(12.3, 45.6) &&& moon_box(12.3, 45.6, 0) AS itself, moon_box(NULL, 0, 1) AS none',
    );
    expect(at).toEqual({ itself: true, none: null });
  });

  it('tell a place by the same feature in the same words as the program', async () => {
    const find = nearestFeatureFinder(await readGazetteer());
    const places: LonLat[] = [
      { lon: 0, lat: 90 },
      { lon: 77, lat: -90 },
      { lon: 180, lat: 12.5 },
      { lon: -180, lat: -40 },
      ...Array.from({ length: 120 }, (_, i) => ({
        lon: ((i * 7919) % 3599) / 10 - 179.95,
        lat: (Math.asin(2 * (((i * 104729) % 3001) / 3001) - 1) * 180) / Math.PI,
      })),
    ];
    const rows = await db.query<{ told: string }>(
      `SELECT moon_relative(f.name, f.lon, f.lat, f.diameter_km, place.lon, place.lat) AS told
       FROM unnest($1::float8[], $2::float8[]) WITH ORDINALITY AS place(lon, lat, n)
       JOIN selenoscan_data.feature f ON f.id = selenoscan_data.landmark_of(place.lon, place.lat)
       ORDER BY n`,
      [places.map(({ lon }) => lon), places.map(({ lat }) => lat)],
    );
    expect(rows.map(({ told }) => told)).toEqual(places.map((place) => relativeTo(find(place)!, place)));
  });

  it('lay a grid of like cells over the whole Moon, each of which holds its places', async () => {
    const [grid] = await db.query<{ cells: number; least: number; most: number; whole: number }>(
      `SELECT count(*) AS cells, min(area_km2) AS least, max(area_km2) AS most, sum(area_km2) AS whole
       FROM selenoscan.coverage_cells`,
    );
    const mean = (4 * Math.PI * 1737.4 ** 2) / 41252;
    expect(grid?.cells).toBe(41252);
    expect(grid?.least).toBeGreaterThan(0.95 * mean);
    expect(grid?.most).toBeLessThan(1.05 * mean);
    expect(grid?.whole).toBeCloseTo(4 * Math.PI * 1737.4 ** 2, 3);
    const places = [
      [0, 90],
      [180, -90],
      [-180, 0],
      [180, 0],
      [359.9, 45.5],
      [12.34, -56.78],
    ];
    const rows = await db.query(
      `SELECT FROM unnest($1::float8[], $2::float8[]) AS place(lon, lat)
       JOIN selenoscan.coverage_cells cell ON cell.id = moon_cell(place.lon, place.lat)
       WHERE ST_Intersects(cell.geom, moon_place(place.lon, place.lat))`,
      [places.map(([lon]) => lon), places.map(([, lat]) => lat)],
    );
    expect(rows).toHaveLength(places.length);
  });
});

describeWithDatabase('coverage', (createDatabase) => {
  const seen = (db: Database, lon: number, lat: number) =>
    db.query<Record<string, unknown>>(
      `SELECT times_seen, times_seen_high_sun, times_seen_medium_sun, times_seen_low_sun, images, first_seen,
         last_seen, best_resolution_m, round(covered_km2::numeric, 1)::float8 AS covered_km2
       FROM selenoscan.coverage_cells WHERE id = moon_cell($1, $2)`,
      [lon, lat],
    );
  const scan = async (
    db: Database,
    productId: string,
    coverage: MultiPolygon | null,
    changes = {},
    modelId = MODEL,
  ) => {
    const product = sampleProduct(productId, changes);
    await upsertProducts(db, { products: [{ product }], lane: 'live', modelId });
    const result = sampleResult([], { coverage });
    const outcome = await commitScan(db, await claim(db, { modelId }), {
      ...result,
      provenance: { ...result.provenance, modelId },
    });
    expect(outcome.outcome).toBe('committed');
  };
  /** The table must say what counting all anew says. */
  const expectCounted = async (db: Database) => {
    const [kept, counted] = await Promise.all(
      ['coverage_cell', 'cell_count'].map((table) =>
        db.query(
          `SELECT model_id, cell, images, looks, looks_high_sun, looks_medium_sun, looks_low_sun, first_seen,
             last_seen, best_resolution_m, round(covered_m2) AS covered_m2
           FROM selenoscan_data.${table} ORDER BY 1, 2`,
        ),
      ),
    );
    expect(kept).toEqual(counted);
  };
  const day = (date: string) => new Date(`${date}T12:00:00Z`);

  it('counts looks by cell and light, with the latest and the sharpest; the two cameras are one look', async () => {
    const db = await createDatabase();
    await useModel(db);
    expect((await seen(db, 22.05, 19.5))[0]).toMatchObject({ times_seen: 0, images: 0, last_seen: null });
    const here = box(22, 19.2, 22.2, 19.8);
    const light = { incidenceDeg: 70, resolutionM: 1.2, startTime: day('2024-05-01') };
    await scan(db, 'M1000000001LC', here, light);
    await scan(db, 'M1000000001RC', here, light);
    await scan(db, 'M1000000002LC', here, {
      incidenceDeg: 30,
      resolutionM: 0.6,
      startTime: day('2023-01-01'),
    });
    await scan(db, 'M1000000003LC', null, { incidenceDeg: 50, startTime: day('2026-01-01') });
    expect(await seen(db, 22.1, 19.5)).toEqual([
      {
        times_seen: 2,
        times_seen_high_sun: 1,
        times_seen_medium_sun: 0,
        times_seen_low_sun: 1,
        images: 3,
        first_seen: day('2023-01-01'),
        last_seen: day('2024-05-01'),
        best_resolution_m: 0.6,
        covered_km2: Math.round(30 * (areaM2(here) / 1e6)) / 10,
      },
    ]);
    const [asked] = await db.query(
      `SELECT selenoscan.times_seen(22.1, 19.5) AS times, selenoscan.times_seen(22.1, 19.5, 65, 90) AS low,
         selenoscan.last_seen(22.1, 19.5) AS last, selenoscan.times_seen(23, 19.5) AS elsewhere,
         selenoscan.last_seen(23, 19.5) AS never, selenoscan.last_seen(22.1 - 360, 19.5) AS turned`,
    );
    expect(asked).toEqual({
      times: 2,
      low: 1,
      last: day('2024-05-01'),
      elsewhere: 0,
      never: null,
      turned: day('2024-05-01'),
    });
    const areas = await db.query<{ area_km2: number | null; look: string }>(
      'SELECT area_km2, look FROM selenoscan.coverage ORDER BY id',
    );
    expect(areas.map(({ look }) => look)).toEqual([
      'M1000000001',
      'M1000000001',
      'M1000000002',
      'M1000000003',
    ]);
    expect(areas[0]?.area_km2).toBeCloseTo(areaM2(here) / 1e6, 2);
    expect(areas[3]?.area_km2).toBeNull();
    await expectCounted(db);
  });

  it('is told on either side of 180 degrees and at the poles', async () => {
    const db = await createDatabase();
    await useModel(db);
    await scan(db, 'M1000000001LC', boxAcross(179.9, 5, -179.9, 5.5));
    await scan(db, 'M1000000002LC', box(-180, 89.5, 180, 90));
    const [asked] = await db.query(
      `SELECT selenoscan.times_seen(180, 5.2) AS east, selenoscan.times_seen(-180, 5.2) AS west,
         selenoscan.times_seen(180.05, 5.2) AS beyond, selenoscan.times_seen(0, 90) AS pole,
         selenoscan.times_seen(123, 90) AS pole_too, selenoscan.times_seen(123, 89) AS south`,
    );
    expect(asked).toEqual({ east: 1, west: 1, beyond: 1, pole: 1, pole_too: 1, south: 0 });
    const cells = await db.query(
      `SELECT id FROM selenoscan.coverage_cells WHERE times_seen > 0 AND id / 360 = 95 ORDER BY id`,
    );
    expect(cells).toHaveLength(2);
    await expectCounted(db);
  });

  it('forgets what a newer version of an image, or a scan anew, no longer covers', async () => {
    const db = await createDatabase();
    await useModel(db);
    await scan(db, 'M1000000001LC', box(22, 19.2, 22.2, 20.8));
    expect((await seen(db, 22.1, 20.5))[0]).toMatchObject({ images: 1 });
    await scan(db, 'M1000000001LC', box(22, 19.2, 22.2, 19.8), { version: 'v2.0', rowHash: 'other' });
    expect((await seen(db, 22.1, 20.5))[0]).toMatchObject({ images: 0, last_seen: null });
    expect((await seen(db, 22.1, 19.5))[0]).toMatchObject({ images: 1 });
    await expectCounted(db);
    await requeueScans(db, { modelId: MODEL, states: ['scanned'] });
    const moved = sampleResult([], { coverage: box(40, 19.2, 40.2, 19.8) });
    // The old version is queued, too, and is outdated.
    const outcomes = [
      await commitScan(db, await claim(db), moved),
      await commitScan(db, await claim(db), moved),
    ];
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'outdated']);
    expect((await seen(db, 22.1, 19.5))[0]).toMatchObject({ images: 0 });
    expect((await seen(db, 40.1, 19.5))[0]).toMatchObject({ images: 1 });
    await expectCounted(db);
  });

  it('is that of the active model', async () => {
    const db = await createDatabase();
    await useModel(db);
    await scan(db, 'M1000000001LC', box(22, 19.2, 22.2, 19.8));
    const other = 'other@0123456789ab';
    await registerModel(db, { id: other, manifest: {}, calibration: {} });
    await activateModel(db, other);
    expect((await seen(db, 22.1, 19.5))[0]).toMatchObject({ images: 0 });
    await scan(db, 'M1000000002LC', box(60, 19.2, 60.2, 19.8), {}, other);
    expect((await seen(db, 60.1, 19.5))[0]).toMatchObject({ images: 1 });
    await activateModel(db, MODEL);
    expect((await seen(db, 22.1, 19.5))[0]).toMatchObject({ images: 1 });
    expect((await seen(db, 60.1, 19.5))[0]).toMatchObject({ images: 0 });
    await expectCounted(db);
  });

  it('takes an outline that crosses itself', async () => {
    const db = await createDatabase();
    await useModel(db);
    const bow: MultiPolygon = {
      type: 'MultiPolygon',
      coordinates: [[[[5, 5], [5.4, 5.4], [5.4, 5], [5, 5.4], [5, 5]]]], // prettier-ignore
    };
    await scan(db, 'M1000000001LC', bow);
    expect((await seen(db, 5.1, 5.2))[0]).toMatchObject({ images: 1 });
  });
});

describeWithDatabase('questions by place', (createDatabase) => {
  let db: Database;
  beforeAll(async () => {
    db = await createDatabase();
    await useModel(db);
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    const detections = Array.from({ length: 40 }, (_, i) =>
      sampleDetection(product.imageId, i + 1, {
        lon: 178 + (i * 4) / 40 - (i >= 20 ? 360 : 0),
        lat: 0.01 * i,
      }),
    );
    await commitScan(db, await claim(db), sampleResult(detections));
    await db.query(
      `INSERT INTO selenoscan_data.known_object (name, kind, lon, lat) VALUES ('Probe', 'lander', -179.95, 0.2)`,
    );
    await db.query(
      `INSERT INTO selenoscan_data.site (status, lon, lat, uncertainty_m) VALUES ('new', 179.95, 0.2, 50)`,
    );
  });

  it('give detections, sites and known objects with their distances, or one kind of them', async () => {
    const all = await db.query<{ kind: string; name: string | null; distance_m: number }>(
      `SELECT * FROM selenoscan.within_radius(180, 0.2, 5000, 'any') ORDER BY distance_m`,
    );
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['detection', 'site', 'known_object']));
    expect(all[0]).toMatchObject({ kind: 'detection', name: 'M1271742202L #21' });
    for (const kind of ['detection', 'site', 'known_object']) {
      const some = await db.query(
        'SELECT kind, id, distance_m FROM selenoscan.within_radius(180, 0.2, 5000, $1) ORDER BY distance_m',
        [kind],
      );
      expect(some).toHaveLength(all.filter((row) => row.kind === kind).length);
    }
    const nearest = await db.query<{ kind: string }>(`SELECT * FROM selenoscan.nearest(180, 0.2, 3, 'any')`);
    expect(nearest.map(({ kind }) => kind)).toEqual(['detection', 'known_object', 'site']);
    expect(await db.query(`SELECT name FROM selenoscan.nearest(180, 0.2, 3, 'known_object')`)).toEqual([
      { name: 'Probe' },
    ]);
  });

  it('give the highest scores of a box, also across 180 degrees', async () => {
    for (const [west, east] of [
      [178, 179.5],
      [179, -179],
      [-180, -179],
    ] as const) {
      const inside = west <= east ? 'lon BETWEEN $1 AND $2' : '(lon >= $1 OR lon <= $2)';
      const brute = await db.query(
        `SELECT id, score FROM selenoscan.detections WHERE ${inside} AND lat BETWEEN 0 AND 1
         ORDER BY score DESC, id LIMIT 5`,
        [west, east],
      );
      expect(brute).toHaveLength(5);
      expect(
        await db.query('SELECT id, score FROM selenoscan.best_in_box($1, 0, $2, 1, 5)', [west, east]),
      ).toEqual(brute);
    }
  });

  it('take a box of any turn of the longitude for the one in -180 to 180', async () => {
    const best = async (west: number, east: number) =>
      (
        await db.query<{ id: number }>('SELECT id FROM selenoscan.best_in_box($1, -1, $2, 1, 50)', [
          west,
          east,
        ])
      ).map(({ id }) => id);
    const across = await best(179, -179);
    expect(across.length).toBeGreaterThan(15);
    for (const [west, east] of [
      [179, 181],
      [-181, -179],
      [539, 541],
      [539, -179],
    ] as const)
      expect(await best(west, east), `${west} to ${east}`).toEqual(across);
    const beyond = await best(-180, -179);
    expect(beyond.length).toBeGreaterThan(5);
    expect(await best(180, 181)).toEqual(beyond);
    expect(await best(180.5, 181)).toEqual(await best(-179.5, -179));
    for (const [west, east] of [
      [-180, 180],
      [0, 360],
      [-90, 300],
    ] as const)
      expect(await best(west, east), `${west} to ${east}`).toHaveLength(40);
  });

  it('are answered by indexes', async () => {
    const explain = (sql: string) =>
      db.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off');
        return JSON.stringify(await tx.query(`EXPLAIN ${sql}`));
      });
    expect(await explain('SELECT * FROM selenoscan.within_radius(10, 20, 1000)')).toContain('detection_xyz');
    expect(await explain('SELECT * FROM selenoscan.nearest(10, 20, 5)')).toContain('detection_xyz');
    expect(await explain('SELECT * FROM selenoscan.best_in_box(0, 0, 10, 10, 5)')).toContain(
      'detection_geom_score',
    );
    expect(
      await explain('SELECT id FROM selenoscan.coverage WHERE ST_Intersects(geom, moon_place(10, 20))'),
    ).toContain('scan_coverage');
    expect(
      await explain(
        'SELECT id FROM selenoscan.coverage_cells WHERE geom && ST_MakeEnvelope(0, 0, 5, 5, 30100)',
      ),
    ).toContain('grid_cell_geom');
  });
});

describeWithPostgres('coverage on a server', () => {
  it('counts what many workers commit at once into the same cells', async () => {
    const { db } = await createTestDatabase({ poolSize: 8 });
    await useModel(db);
    const ids = Array.from({ length: 24 }, (_, i) => `M10000000${i + 10}LC`);
    await announce(db, ...ids.map((id) => sampleProduct(id)));
    const leases = await Promise.all(ids.map(() => claim(db)));
    await Promise.all(
      leases.map((lease, i) =>
        commitScan(db, lease, sampleResult([], { coverage: box(22 + (i % 3) * 0.5, 19.2, 23.5, 20.8) })),
      ),
    );
    const kept = await db.query<{ looks: number }>(
      'SELECT cell, images, looks, round(covered_m2) AS area FROM selenoscan_data.coverage_cell ORDER BY cell',
    );
    expect(kept).toEqual(
      await db.query(
        'SELECT cell, images, looks, round(covered_m2) AS area FROM selenoscan_data.cell_count ORDER BY cell',
      ),
    );
    expect(Math.max(...kept.map(({ looks }) => looks))).toBe(24);
  });
});
