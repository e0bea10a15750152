/**
 * Questions of GIS users on ten million detections in a PostGIS server of its own, in the product's tables, views
 * and functions, against a plain table of points with the usual indexes in the same run; answers of a sample are
 * compared with a look at every row.
 *
 * Usage: npm run bench:gis [-- --rows 10000000] [--json] [--keep FILE]
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { compareWithBruteForce } from './brute-force.js';
import { insertRate } from './insert-rate.js';
import { once, time, type Question, type Timing } from './measure.js';
import { seed, seedNaive } from './seed.js';
import { withServer } from '../harness/throwaway-server.js';

const { values: o } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const note = (text: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

/** What an administrator of a server of this size would set. */
const SERVER = {
  shared_buffers: '2GB',
  effective_cache_size: '8GB',
  maintenance_work_mem: '1GB',
  work_mem: '32MB',
  max_wal_size: '16GB',
  random_page_cost: '1.1',
};

/** Places all over the Moon, also at a pole and on the edge of the map. */
const PLACES = [
  [23.4, 0.7],
  [-11.2, -43.3],
  [179.99, 12],
  [-150.5, 33.3],
  [77, 64],
  [30, 88],
  [-60, -85],
  [120, -20],
  [-90, 45],
  [5, -5],
] as const;

const boxes = (side: number, sql: (w: number, s: number, e: number, n: number) => Question): Question[] =>
  PLACES.map(([lon, lat]) => {
    const west = Math.max(-180, Math.min(180 - side, lon - side / 2));
    const south = Math.max(-90, Math.min(90 - side, lat - side / 2));
    return sql(west, south, west + side, south + side);
  });
const inBox =
  (columns: string, table: string, rest = '') =>
  (w: number, s: number, e: number, n: number) => ({
    sql: `SELECT ${columns} FROM ${table} WHERE geom && ST_MakeEnvelope(${w}, ${s}, ${e}, ${n}, 30100) ${rest}`,
  });
const around = (sql: (lon: number, lat: number) => string): Question[] =>
  PLACES.map(([lon, lat]) => ({ sql: sql(lon, lat) }));
const point = (lon: number, lat: number) => `ST_SetSRID(ST_MakePoint(${lon}, ${lat}), 30100)::geography`;

const VIEW = 'selenoscan.detections';
const OURS: Record<string, Question[]> = {
  bbox_1deg_ms: boxes(1, inBox('id, score, geom', VIEW)),
  bbox_10deg_ms: boxes(10, inBox('count(*)', VIEW)),
  bbox_10deg_5000_rows_ms: boxes(10, inBox('id, score, geom', VIEW, 'LIMIT 5000')),
  top100_1deg_ms: boxes(1, (...box) => ({
    sql: `SELECT * FROM selenoscan.best_in_box(${box.join(', ')}, 100)`,
  })),
  top100_10deg_ms: boxes(10, (...box) => ({
    sql: `SELECT * FROM selenoscan.best_in_box(${box.join(', ')}, 100)`,
  })),
  top100_60deg_ms: boxes(60, (...box) => ({
    sql: `SELECT * FROM selenoscan.best_in_box(${box.join(', ')}, 100)`,
  })),
  nearest10_ms: around((lon, lat) => `SELECT * FROM selenoscan.nearest(${lon}, ${lat}, 10)`),
  radius_10km_ms: around(
    (lon, lat) => `SELECT id, distance_m FROM selenoscan.within_radius(${lon}, ${lat}, 10000)`,
  ),
  radius_100km_ms: around(
    (lon, lat) => `SELECT id, distance_m FROM selenoscan.within_radius(${lon}, ${lat}, 100000)`,
  ),
  seen_ms: around(
    (lon, lat) => `SELECT selenoscan.times_seen(${lon}, ${lat}), selenoscan.last_seen(${lon}, ${lat})`,
  ),
};
const NAIVE: Record<string, Question[]> = {
  bbox_1deg_naive: boxes(1, inBox('id, score, geom', 'naive')),
  bbox_10deg_naive: boxes(10, inBox('count(*)', 'naive')),
  bbox_10deg_5000_rows_naive: boxes(10, inBox('id, score, geom', 'naive', 'LIMIT 5000')),
  top100_1deg_naive: boxes(1, inBox('id, score, geom', 'naive', 'ORDER BY score DESC LIMIT 100')),
  top100_10deg_naive: boxes(10, inBox('id, score, geom', 'naive', 'ORDER BY score DESC LIMIT 100')),
  top100_60deg_naive: boxes(60, inBox('id, score, geom', 'naive', 'ORDER BY score DESC LIMIT 100')),
  radius_10km_naive: around(
    (lon, lat) => `SELECT id, ST_Distance(geom::geography, ${point(lon, lat)}, false) FROM naive
      WHERE ST_DWithin(geom::geography, ${point(lon, lat)}, 10000, false)`,
  ),
  radius_100km_naive: around(
    (lon, lat) => `SELECT id, ST_Distance(geom::geography, ${point(lon, lat)}, false) FROM naive
      WHERE ST_DWithin(geom::geography, ${point(lon, lat)}, 100000, false)`,
  ),
};

await withServer(SERVER, async (url) => {
  const db = await openPostgres({ url, poolSize: 1, statementTimeoutMs: 0 });
  try {
    await run(db);
  } finally {
    await db.close();
  }
});

async function run(db: Database): Promise<void> {
  const seeded = await seed(db, Number(o.rows), note);
  await seedNaive(db, note);
  const timings: Record<string, Timing> = {};
  for (const [name, questions] of Object.entries({ ...OURS, ...NAIVE })) {
    timings[name] = await time(db, questions, { times: name.includes('60deg_naive') ? 2 : 5 });
    note(`${name} ${timings[name].median.toFixed(2)}, ${timings[name].rows.toFixed(0)} rows`);
  }
  const brute = await compareWithBruteForce(db, note);
  const nearestNaiveS = await once(
    db,
    `SELECT id FROM naive ORDER BY geom::geography <-> ${point(30, 88)} LIMIT 10`,
  );
  const figures: Record<string, number> = {
    rows: seeded.rows,
    table_gb: await gigabytes(db, `pg_table_size('selenoscan_data.detection')`),
    indexes_gb: await gigabytes(db, `pg_indexes_size('selenoscan_data.detection')`),
    ...Object.fromEntries(Object.entries(timings).map(([name, { median }]) => [name, round(median)])),
    ...(await opening(db)),
    seed_rows_per_s: Math.round(seeded.rows / seeded.insertS),
    seed_indexes_s: round(seeded.indexS),
    insert_rows_per_s: Math.round(await insertRate(db)),
    brute_force_places: brute.places,
    brute_force_differences: brute.differences,
    naive_radius_100km_found_share: round(brute.naiveShare),
    ...(Number.isNaN(nearestNaiveS) ? {} : { nearest10_geography_naive: round(nearestNaiveS * 1000) }),
  };
  const remarks = [
    Number.isNaN(nearestNaiveS)
      ? 'Nearest by geography <-> on the plain table ends in an error: its index expects the Earth.'
      : 'Nearest by geography <-> on the plain table gave an answer, which was not compared.',
    `ST_DWithin on the plain table found ${(100 * brute.naiveShare).toFixed(0)} % of what lies within 100 km.`,
  ];
  report(figures, ratios(timings), remarks);
  if (brute.differences > 0) process.exitCode = 1;
}

/** What QGIS asks when it opens a layer: with the layer settings of the project, and without. */
async function opening(db: Database): Promise<Record<string, number>> {
  const estimated = [
    `EXPLAIN SELECT 1 FROM ${VIEW}`,
    `SELECT * FROM ${VIEW} LIMIT 1`,
    `SELECT id, geom FROM ${VIEW} LIMIT 100`,
  ];
  const plain = [
    `SELECT count(*) FROM ${VIEW}`,
    `SELECT ST_Extent(geom) FROM ${VIEW}`,
    `SELECT count(DISTINCT id) = count(id) FROM ${VIEW}`,
  ];
  const sum = async (statements: readonly string[]): Promise<number> => {
    let seconds = 0;
    for (const sql of statements) seconds += await once(db, sql);
    return Number(seconds.toFixed(3));
  };
  const pan = async (side: number): Promise<number> => {
    const { median } = await time(db, boxes(side, inBox('id, ST_AsBinary(geom), score', VIEW)), { times: 3 });
    return Number((median / 1000).toFixed(4));
  };
  await sum(estimated);
  return {
    qgis_open_s: await sum(estimated),
    qgis_open_without_estimates_s: await sum(plain),
    qgis_pan_1deg_s: await pan(1),
    qgis_pan_10deg_s: await pan(10),
  };
}

async function gigabytes(db: Database, expression: string): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(`SELECT ${expression} AS bytes`);
  return round((row?.bytes ?? NaN) / 1e9);
}

function ratios(
  timings: Record<string, Timing>,
): Record<string, { median: number; low: number; high: number }> {
  const pairs = Object.keys(NAIVE).map((name) => [name, name.replace(/_naive$/, '_ms')] as const);
  return Object.fromEntries(
    pairs.map(([naive, ours]) => {
      const [a, b] = [timings[naive]!, timings[ours]!];
      return [
        `${naive.replace(/_naive$/, '')}_naive_vs_ours`,
        { median: round(a.median / b.median), low: round(a.low / b.high), high: round(a.high / b.low) },
      ];
    }),
  );
}

function report(figures: Record<string, number>, ratio: ReturnType<typeof ratios>, remarks: string[]): void {
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const lines = [
    machine,
    ...Object.entries(figures).map(([name, value]) => `${name.padEnd(34)} ${value}`),
    ...Object.entries(ratio).map(
      ([name, { median, low, high }]) => `${name.padEnd(34)} ${median} (${low} to ${high})`,
    ),
    ...remarks,
  ];
  const json = JSON.stringify({ bench: 'gis', machine, figures, ratios: ratio });
  if (o.keep !== undefined) {
    void writeFile(`${o.keep}.txt`, `${lines.join('\n')}\n`);
    void writeFile(`${o.keep}.json`, `${json}\n`);
  }
  console.log(o.json ? json : lines.join('\n'));
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
