import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { chordM } from '../../src/geo/sphere.js';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import { degreesDem, writeDem } from '../geo/dem-support.js';
import { passIsd } from '../geo/isd-support.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

/** Few lines and a coarse stride keep these runs short; what they hold does not depend on it. */
const LINES = 640;
const DATA_SET = 'LRO-L-LROC-3-CDR-V1.0';
const ROWS = fileURLToPath(new URL('../../../shared/data/index/INDEX_901.TAB', import.meta.url));

interface Row {
  readonly product_id: string;
  readonly rank_in_image: number;
  readonly score: number;
  readonly lon: number;
  readonly lat: number;
  readonly line: number;
  readonly sample: number;
  readonly source_url: string;
  readonly source_checksum: string;
}

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-scan-archive-'));
const downloads = join(folder, 'downloads');
let replica: Replica;
let productId: string;
let url: string;
let env: Record<string, string>;
/** The product by its id, with nothing else set. */
let plain: Awaited<ReturnType<typeof scanned>>;

beforeAll(async () => {
  mkdirSync(downloads);
  replica = await startReplica({ port: 0, seed: 11, images: 1, lines: LINES, prepare: false });
  const { table, products } = replica.volumes[0]!;
  productId = products[0]!.productId;
  const [, volume, day] = new RegExp(`/(LROLRC_\\w+)/DATA/\\w+/(\\d{7})/NAC/${productId}`).exec(
    table.body.toString('latin1'),
  )!;
  url = `${replica.address}${DATA_SET}/${volume}/EXTRAS/BROWSE/${day}/${productId}_pyr.tif`;
  env = {
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_RETRIES: '1',
    SELENOSCAN_ARCHIVE_DOWNLOAD_DIR: downloads,
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_TILING_STRIDE_X: '64',
    SELENOSCAN_TILING_STRIDE_Y: '64',
  };
}, 60_000);
afterEach(() => {
  replica.faults.clear();
  // The folder for parts of broken downloads stays, empty.
  const left = readdirSync(downloads, { recursive: true }).filter((path) => path !== 'selenoscan-parts');
  expect(left).toEqual([]);
});
afterAll(async () => {
  await replica.close();
  rmSync(folder, { recursive: true });
});

async function scanned(args: readonly string[], more: Record<string, string> = {}) {
  const run = await runCli(['scan', ...args, '--json'], { ...env, ...more });
  expect(sentenceOf(run)).toBe('');
  expect(run.code).toBe(0);
  const [image] = (JSON.parse(run.stdout) as { images: { product_id: string; detections: Row[] }[] }).images;
  return { ...image!, log: run.stderr };
}

/** What must be the same, however an image came here. */
const essence = (rows: readonly Row[]) =>
  rows.map(({ product_id, rank_in_image, line, sample, score, lon, lat }) => ({
    product_id,
    rank_in_image,
    line,
    sample,
    score: score.toFixed(4),
    lon: lon.toFixed(7),
    lat: lat.toFixed(7),
  }));

describeWithPostgres('scanning a product by its id, beside the daemon', () => {
  beforeAll(async () => {
    plain = await scanned([productId]);
  }, 60_000);

  it('gives the detections that a run gives, with the same values in the columns of the view', async () => {
    const { url: database, db } = await createTestDatabase();
    const run = await runCli(['run', '--once', '--json'], { ...env, DATABASE_URL: database });
    expect(run.code).toBe(0);
    const rows = await db.query<Row>('SELECT * FROM selenoscan.detections ORDER BY rank_in_image');
    const { detections } = plain;
    expect(rows.length).toBeGreaterThan(0);
    expect(essence(detections)).toEqual(essence(rows));
    const facts = ({ ...row }: Row & Record<string, unknown>) =>
      ['product_version', 'incidence_deg', 'emission_deg', 'phase_deg', 'resolution_m', 'source_url']
        .concat(['source_checksum', 'model_id', 'code_version', 'image_id', 'product_url'])
        .map((name) => row[name]);
    expect(facts(detections[0]! as never)).toEqual(facts(rows[0]! as never));
  }, 120_000);

  it('is placed by the camera model of archive.isd on the terrain of geo.dem, by its corners without', async () => {
    const [first] = plain.detections;
    const center = { lon: first!.lon, lat: first!.lat };
    const pass = { center, headingDeg: 180, mirrored: false, lines: LINES, alongM: 1, altitudeM: 100_000 };
    const isd = passIsd({ ...pass, summing: 1, subSolar: { lon: center.lon + 50, lat: 0 } });
    writeFileSync(join(folder, `${productId.slice(0, -1)}_isd.json`), JSON.stringify(isd));
    const west = Math.floor(center.lon) - 2;
    const south = Math.max(-90, Math.floor(center.lat) - 2);
    const dem = degreesDem([west, south, west + 5, Math.min(90, south + 5)], 0.05, () => 2500);
    const placed = {
      SELENOSCAN_ARCHIVE_ISD: `${pathToFileURL(folder).href}/{image_id}_isd.json`,
      SELENOSCAN_GEO_DEM: writeDem(dem),
    };
    const byModel = async (more: Record<string, string>) => {
      const { url: database, db } = await createTestDatabase();
      const run = await runCli(['run', '--once', '--json'], { ...env, ...more, DATABASE_URL: database });
      expect(run.code).toBe(0);
      const rows = await db.query<Row>('SELECT * FROM selenoscan.detections ORDER BY rank_in_image');
      const [scan] = await db.query<{ ground_model: string }>('SELECT ground_model FROM selenoscan.coverage');
      return { rows, model: scan?.ground_model, log: run.stderr };
    };
    const good = await byModel(placed);
    expect(good.model).toBe('isd+dem');
    const { detections } = await scanned([productId], placed);
    expect(essence(detections)).toEqual(essence(good.rows));
    const width = 5064;
    const camera = createIsdModel(isd, { width, height: LINES });
    for (const row of detections) {
      // The sphere is at most 2500 m x tan(1.5 degrees) from there.
      const apart = chordM(camera.locate({ sample: row.sample, line: row.line }), row);
      expect(apart).toBeLessThan(75);
    }
    writeFileSync(join(folder, `${productId.slice(0, -1)}_isd.json`), '{"name_model":');
    const bad = await byModel({ ...placed, SELENOSCAN_GEO_DEM: '' });
    expect(bad.model).toBe('corners');
    expect(bad.log).toMatch(/CameraModelRefused.*not valid JSON|not valid JSON.*CameraModelRefused/);
    const other = await scanned([productId], { ...placed, SELENOSCAN_GEO_DEM: '' });
    expect(other.log).toMatch(/CameraModelRefused/);
    expect(essence(other.detections)).toEqual(essence(bad.rows));
  }, 240_000);
});

describe('scanning what lies in the archive', () => {
  it('takes an id in lower case and without its data set by ranges, and an address, for one and the same', async () => {
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    const hash = (name: string) => createHash(name).update(whole).digest('hex');
    const ranges = await scanned([productId.slice(0, -1).toLowerCase()], {
      SELENOSCAN_ARCHIVE_ACCESS: 'range',
    });
    expect(ranges.product_id).toBe(productId);
    expect(ranges.detections[0]).toMatchObject({ source_url: url, source_checksum: `md5:${hash('md5')}` });

    replica.faults.add({ match: /store.*_pyr\.tif/, cutAt: 100_000, times: 1 });
    const download = await scanned([url]);
    expect(essence(download.detections)).toEqual(essence(ranges.detections));
    const sha256 = `sha256:${hash('sha256')}`;
    expect(download.detections[0]).toMatchObject({ source_url: url, source_checksum: sha256 });
  }, 120_000);

  it('takes a file with its index row for the same image', async () => {
    const path = join(folder, `${productId}_pyr.tif`);
    writeFileSync(path, Buffer.from(await (await fetch(url)).arrayBuffer()));
    const table = join(folder, 'INDEX.TAB');
    writeFileSync(table, replica.volumes[0]!.table.body);
    const geojson = join(folder, 'found.geojson');
    const { detections } = await scanned([path, '--index', table, '--out', geojson]);
    expect(detections[0]).toMatchObject({ product_version: 'v1.9', source_url: null });
    const collection = JSON.parse(readFileSync(geojson, 'utf8')) as {
      features: { geometry: unknown; properties: Row }[];
    };
    expect(collection).toMatchObject({
      type: 'FeatureCollection',
      body: 'Moon',
      credits: expect.stringContaining('NASA/GSFC/Arizona State University') as string,
    });
    expect(essence(collection.features.map(({ properties }) => properties))).toEqual(essence(detections));
    for (const { geometry, properties } of collection.features)
      expect(geometry).toEqual({ type: 'Point', coordinates: [properties.lon, properties.lat] });
  }, 120_000);

  it('tells in one sentence of a volume that is not there', async () => {
    const run = await runCli(['scan', 'M1600000000LC'], env);
    expect(run.code).toBe(1);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    expect(sentenceOf(run)).toMatch(/M1600000000LC is of 2028.*neither volume LROLRC_\w+ nor/);
  }, 60_000);

  it('refuses an image of another size than its real index row says', async (context) => {
    if (!existsSync(ROWS)) return context.skip('the real index rows are not at ../shared/data');
    const path = join(folder, 'M124423514LC_pyr.tif');
    writeFileSync(path, Buffer.from(await (await fetch(url)).arrayBuffer()));
    const run = await runCli(['scan', path, '--index', ROWS], env);
    expect(run.code).toBe(1);
    expect(sentenceOf(run)).toMatch(
      /M124423514LC has 5064 samples x 640 lines where its index record says 5064 x 52224/,
    );
  }, 60_000);
});
