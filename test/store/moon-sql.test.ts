import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { detectionId } from '../../src/domain/detection-id.js';
import type { LonLat, MultiPolygon } from '../../src/domain/geometry.js';
import { MOON_RADIUS_M } from '../../src/domain/geometry.js';
import type { Database } from '../../src/store/database.js';
import { ewkbMultiPolygon, ewkbPoint } from '../../src/store/ewkb.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { MODEL, announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from './samples.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';

const SRIDS = [30100, 30110, 30115, 30120, 30130, 30135];

/** Haversine on the sphere: the same distance by another formula. */
function groundDistance(a: LonLat, b: LonLat): number {
  const [lat1, lat2] = [(a.lat * Math.PI) / 180, (b.lat * Math.PI) / 180];
  const dLon = ((b.lon - a.lon) * Math.PI) / 180;
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLon / 2) ** 2;
  return 2 * MOON_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

const lonLat = fc.record({
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
});
const ring = fc.array(lonLat, { minLength: 3, maxLength: 8 }).map((points) => {
  const positions = points.map(({ lon, lat }) => [lon, lat]);
  return [...positions, positions[0] ?? []];
});
const multiPolygon = fc
  .array(fc.array(ring, { minLength: 1, maxLength: 2 }), { maxLength: 3 })
  .map((coordinates): MultiPolygon => ({ type: 'MultiPolygon', coordinates }));

describeWithPostgres('detection ids', () => {
  it('gives detections the UUIDv5 that the server computes', async () => {
    const { db } = await createTestDatabase();
    await db.query('CREATE EXTENSION "uuid-ossp"');
    const names = fc.tuple(fc.stringMatching(/^M[0-9]{9,10}[LR]$/), fc.string(), fc.nat(6000), fc.nat(60000));
    await fc.assert(
      fc.asyncProperty(names, async ([image, model, x, y]) => {
        fc.pre(!model.includes('\0'));
        const [row] = await db.query<{ id: string }>(
          `SELECT uuid_generate_v5('6f1c1d0e-5b3a-4c7f-9d2e-8a4b7c60f3d1', $1) AS id`,
          [`${image}/${model}/${x},${y}`],
        );
        expect(detectionId(image, model, x, y)).toBe(row?.id);
      }),
      { numRuns: 40 },
    );
  });
});

// The embedded engine refuses every reference system of an authority that PROJ does not know.
describeWithPostgres('reference systems of another authority', () => {
  it('projects alike by the code, the text and the PROJ string of each reference system', async () => {
    const { db } = await createTestDatabase();
    // A row without an authority that PROJ knows is read from its text, one without text from its PROJ string.
    await db.query(`
      INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
        SELECT srid + 900000 - 30000, 'NONE', srid, replace(srtext, 'IAU_2015', 'NONE'), '' FROM spatial_ref_sys WHERE auth_name = 'IAU_2015';
      INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)
        SELECT srid + 901000 - 30000, 'NONE', srid, '', proj4text FROM spatial_ref_sys WHERE auth_name = 'IAU_2015'`);
    const place = { lon: 22.05, lat: 80.5 };
    for (const srid of SRIDS.slice(1)) {
      const [row] = await db.query<{ known: number[]; text: number[]; proj: number[] }>(
        `SELECT ARRAY[ST_X(a), ST_Y(a)] AS known, ARRAY[ST_X(b), ST_Y(b)] AS text, ARRAY[ST_X(c), ST_Y(c)] AS proj
         FROM (SELECT ST_Transform(p, $2::integer) a, ST_Transform(ST_SetSRID(p, 900100), $2 + 870000) b,
                 ST_Transform(ST_SetSRID(p, 901100), $2 + 871000) c
               FROM (SELECT $1::text::geometry AS p) place) projected`,
        [ewkbPoint(place), srid],
      );
      for (const axis of [0, 1]) {
        expect(row?.text[axis]).toBeCloseTo(row?.known[axis] ?? NaN, 6);
        expect(row?.proj[axis]).toBeCloseTo(row?.known[axis] ?? NaN, 6);
      }
    }
  });
});

describeWithDatabase('the Moon in SQL', (createDatabase) => {
  let db: Database;
  beforeAll(async () => {
    db = await createDatabase();
  });

  it('reads back every point and polygon that the EWKB writer writes, with its SRID', async () => {
    await fc.assert(
      fc.asyncProperty(lonLat, multiPolygon, async (place, polygons) => {
        const [row] = await db.query<{
          point: number[];
          polygons: number[][][][];
          srids: number[];
          text: string;
        }>(
          `SELECT ST_AsGeoJSON(p, 17)::jsonb -> 'coordinates' AS point, ST_AsGeoJSON(m, 17)::jsonb -> 'coordinates' AS polygons,
             ARRAY[ST_SRID(p), ST_SRID(m)] AS srids, ST_AsText(m) AS text
           FROM (SELECT $1::text::geometry AS p, $2::text::geometry AS m) geometries`,
          [ewkbPoint(place), ewkbMultiPolygon(polygons)],
        );
        expect(row?.srids).toEqual([30100, 30100]);
        expect(row?.text).toMatch(/^MULTIPOLYGON/);
        const read = [row?.point, row?.polygons].flat(9);
        const written = [place.lon, place.lat, ...polygons.coordinates.flat(9)];
        expect(read).toHaveLength(written.length);
        read.forEach((value, i) => expect(value).toBeCloseTo(written[i] ?? NaN, 12));
      }),
      { numRuns: 60 },
    );
  });

  it('knows the lunar reference systems by the authority that QGIS and GDAL recognise', async () => {
    const rows = await db.query(
      `SELECT srid, auth_name, auth_srid FROM spatial_ref_sys WHERE srid = ANY ($1) ORDER BY srid`,
      [SRIDS],
    );
    expect(rows).toEqual(SRIDS.map((srid) => ({ srid, auth_name: 'IAU_2015', auth_srid: srid })));
  });

  it('projects to the polar stereographic of the Moon', async () => {
    const [polar] = await db.query<{ x: number }>(
      `SELECT ST_X(ST_Transform($1::text::geometry, 30130)) AS x`,
      [ewkbPoint({ lon: 90, lat: 80 })],
    );
    expect(polar?.x).toBeCloseTo(304005.60801988, 5);
  });

  it('finds by moon_dwithin, with its index, the polygons that brute force finds', async () => {
    await db.query(`
      CREATE TABLE spots AS SELECT i AS id, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(
          ((i * 7919) % 3580) / 10.0 - 179, degrees(asin(2 * ((i * 104729) % 3001) / 3001.0 - 1)) * 0.99), 30100), 0.01)) AS geom
        FROM generate_series(1, 3000) i;
      CREATE INDEX ON spots USING gist ((geom::geography));
      ANALYZE spots`);
    for (const [lon, lat] of [
      [10, 20],
      [179.9, -5],
      [0, 89.5],
    ]) {
      const place = ewkbPoint({ lon: lon ?? 0, lat: lat ?? 0 });
      const indexed = await db.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off');
        const sql =
          'SELECT id FROM spots WHERE moon_dwithin(geom::geography, $1::text::geometry::geography, 300000) ORDER BY id';
        const plan = await tx.query(`EXPLAIN ${sql}`, [place]);
        expect(JSON.stringify(plan)).toContain('spots_geom_idx');
        return tx.query(sql, [place]);
      });
      const brute = await db.query(
        'SELECT id FROM spots WHERE ST_Distance(geom::geography, $1::text::geometry::geography, false) <= 300000 ORDER BY id',
        [place],
      );
      expect(indexed.length).toBeGreaterThan(10);
      expect(indexed).toEqual(brute);
    }
  });

  it('finds within a radius, and nearest, the detections that brute force finds, at poles and across 180 degrees', async () => {
    await useModel(db, MODEL);
    await announce(db, sampleProduct('M1271742202LC'));
    const places = Array.from({ length: 1500 }, (_, i): LonLat => {
      const lon = ((i * 7919) % 3600) / 10 - 180;
      const near =
        i % 3 === 0
          ? 89.9 - (i % 40) / 20
          : (Math.asin(2 * (((i * 104729) % 3001) / 3001) - 1) * 180) / Math.PI;
      return { lon, lat: near };
    });
    const detections = places.map((place, i) => sampleDetection('M1271742202L', i + 1, place));
    await commitScan(db, await claim(db), sampleResult(detections.map((d) => ({ ...d, score: 5 }))));
    await db.query('ANALYZE selenoscan_data.detection');
    const stored = await db.query<LonLat & { id: number }>('SELECT id, lon, lat FROM selenoscan.detections');

    for (const centre of [
      { lon: 0, lat: 90 },
      { lon: 179.99, lat: 0 },
      { lon: -180, lat: -30 },
      { lon: 30.5, lat: 88.2 },
    ]) {
      const expected = stored
        .map((row) => ({ id: row.id, distance: groundDistance(row, centre) }))
        .sort((a, b) => a.distance - b.distance);
      for (const metres of [30_000, 400_000, 3_000_000]) {
        const found = await db.query<{ id: number; distance_m: number }>(
          'SELECT * FROM selenoscan.within_radius($1, $2, $3) ORDER BY distance_m',
          [centre.lon, centre.lat, metres],
        );
        const within = expected.filter((row) => row.distance <= metres);
        expect(new Set(found.map((row) => row.id))).toEqual(new Set(within.map((row) => row.id)));
        found.forEach((row, i) => expect(row.distance_m).toBeCloseTo(within[i]?.distance ?? NaN, 2));
      }
      const nearest = await db.transaction(async (tx) => {
        // Without a sort, the order can only be the index's own.
        await tx.query('SET LOCAL enable_sort = off');
        const { lon, lat } = centre;
        return tx.query<{ distance_m: number }>('SELECT * FROM selenoscan.nearest($1, $2, 10)', [lon, lat]);
      });
      expect(nearest).toHaveLength(10);
      nearest.forEach((row, i) => expect(row.distance_m).toBeCloseTo(expected[i]?.distance ?? NaN, 2));
    }
  });

  it('serves radius, nearest and the best of a box by an index', async () => {
    const explain = async (sql: string): Promise<string> => {
      return db.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off');
        return JSON.stringify(await tx.query(`EXPLAIN ${sql}`));
      });
    };
    const view = 'SELECT id FROM selenoscan.detections';
    expect(await explain('SELECT * FROM selenoscan.within_radius(10, 20, 1000)')).toContain('detection_xyz');
    expect(await explain('SELECT * FROM selenoscan.nearest(10, 20, 5)')).toContain('detection_xyz');
    expect(await explain(`${view} ORDER BY moon_xyz(lon, lat) <<->> moon_xyz(1, 2) LIMIT 5`)).toContain(
      'detection_xyz',
    );
    expect(
      await explain(
        `${view} WHERE geom && ST_MakeEnvelope(0, 0, 10, 10, 30100) ORDER BY score <-> 1000::float8 LIMIT 100`,
      ),
    ).toContain('detection_geom_score');
    expect(await explain(`${view} ORDER BY score DESC LIMIT 100`)).toContain('detection_score');
  });
});
