import { parse } from 'csv-parse/sync';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'libsql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillSynthetic, PER_IMAGE, SYNTHETIC_MODEL } from '../../bench/gis/synthetic-results.js';
import { exportResults, type ExportReport } from '../../src/cli/export.js';
import type { ExportFlags } from '../../src/cli/export-options.js';
import { exportTarget } from '../../src/cli/export-target.js';
import { loadConfig } from '../../src/config/load.js';
import type { DetectionResult } from '../../src/domain/results.js';
import type { Database } from '../../src/store/database.js';
import { activateModel } from '../../src/store/queries/activate-model.js';
import { commitScan } from '../../src/store/queries/commit-scan.js';
import { registerModel } from '../../src/store/queries/register-model.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { describeWithDatabase } from '../support/database.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { runCli, sentenceOf } from '../support/cli.js';
import { announce, claim, MODEL, sampleDetection, sampleProduct, sampleResult } from '../store/samples.js';

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FORMATS = ['.gpkg', '.geojson', '.geojsonl', '.csv', 'stac'];
const IMAGES = 40;
/** Rows that an export must not hold at once, and the heap that it gets for them. */
const ROWS = 50_000;
const HEAP_MB = 80;
let files = 0;

async function exported(
  db: Database,
  end: string,
  flags: ExportFlags = {},
  signal = new AbortController().signal,
): Promise<ExportReport> {
  const name = join(folder, `${(files += 1)}${end}`);
  const target =
    end === ''
      ? await exportTarget(['stac', name], undefined, false, FORMATS)
      : await exportTarget([], name, false, FORMATS);
  return exportResults(
    { config: loadConfig(undefined), log: createLogger('silent', 'test') },
    db,
    target,
    flags,
    signal,
  );
}

interface Collection {
  readonly features: readonly {
    readonly id: number;
    readonly properties: DetectionResult;
    readonly geometry: unknown;
  }[];
  readonly [member: string]: unknown;
}

async function geoJson(db: Database, flags: ExportFlags): Promise<Collection> {
  const { path } = await exported(db, '.geojson', flags);
  return JSON.parse(readFileSync(path, 'utf8')) as Collection;
}

describeWithDatabase('an export', (createDatabase) => {
  let db: Database;
  let all: Collection['features'];
  const ids = async (flags: ExportFlags) => (await geoJson(db, flags)).features.map(({ id }) => id);
  const where = (test: (row: DetectionResult & { lon: number; lat: number }) => boolean) =>
    all.filter(({ properties }) => test(properties as never)).map(({ id }) => id);

  beforeAll(async () => {
    db = await createDatabase();
    await fillSynthetic(db, IMAGES);
    all = (await geoJson(db, {})).features;
  });

  it('names the body and whom to credit, and holds every detection once, by id', async () => {
    const { features, ...about } = await geoJson(db, {});
    expect(about).toMatchObject({
      type: 'FeatureCollection',
      body: 'Moon',
      reference_system: 'IAU_2015:30100',
      radius_m: 1_737_400,
      credits: 'Images: NASA/GSFC/Arizona State University',
      model_id: SYNTHETIC_MODEL,
      filters: {},
    });
    expect(features).toHaveLength(IMAGES * PER_IMAGE);
    expect(features.map(({ id }) => id)).toEqual(
      [...new Set(features.map(({ id }) => id))].sort((a, b) => a - b),
    );
    const [first] = features;
    expect(first?.geometry).toMatchObject({ type: 'Point' });
    expect(first?.properties).toMatchObject({
      scores: { l2: 2.5, b: 1.25 },
      review: 'hardware',
      model_id: SYNTHETIC_MODEL,
    });
  });

  it('takes what the filters say, as a walk through all rows finds it', async () => {
    expect(await ids({ minScore: 6, maxScore: 7 })).toEqual(where(({ score }) => score >= 6 && score <= 7));
    const since = new Date('2026-01-01T10:00:00Z');
    const until = new Date('2026-01-02T00:00:00Z');
    const expected = where(({ observed_at: at }) => new Date(at) >= since && new Date(at) < until);
    expect(expected.length).toBeGreaterThan(0);
    expect(await ids({ since, until })).toEqual(expected);
    expect(await ids({ minIncidence: 20, maxIncidence: 50 })).toEqual(
      where(({ incidence_deg: i }) => (i ?? NaN) >= 20 && (i ?? NaN) <= 50),
    );
    expect(await ids({ known: 'yes' })).toEqual(where(({ known_object: known }) => known !== null));
    expect(await ids({ known: 'no' })).toEqual(where(({ known_object: known }) => known === null));
    expect(await ids({ review: 'hardware' })).toEqual(where(({ review }) => review === 'hardware'));
    expect(await ids({ review: 'any' })).toEqual(where(({ review }) => review !== null));
    expect(await ids({ review: 'none' })).toEqual(where(({ review }) => review === null));
    expect(await ids({ product: 'M1400000003LE' })).toEqual(
      where(({ image_id: id }) => id === 'M1400000003L'),
    );
    expect(await ids({ product: "M' OR true --" })).toEqual([]);
  });

  it('takes boxes and polygons, also across the antimeridian', async () => {
    const bbox = { west: 150, south: -60, east: -150, north: 60 };
    const inside = where(({ lon, lat }) => (lon >= 150 || lon <= -150) && Math.abs(lat) <= 60);
    expect(inside.length).toBeGreaterThan(0);
    expect(await ids({ bbox })).toEqual(inside);
    const within = join(folder, 'area.geojson');
    const ring = [[150, -60], [210, -60], [210, 60], [150, 60], [150, -60]]; // prettier-ignore
    writeFileSync(within, JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
    expect(await ids({ within })).toEqual(inside);
  });

  it('limits to the detections with the highest scores, equal ones by id', async () => {
    const best = [...all]
      .sort((a, b) => b.properties.score - a.properties.score || a.id - b.id)
      .slice(0, 37)
      .map(({ id }) => id)
      .sort((a, b) => a - b);
    expect(await ids({ limit: 37 })).toEqual(best);
    expect(await ids({ limit: 1_000_000 })).toHaveLength(all.length);
  });

  it('to a GeoPackage gives each layer its rows: outlines and sites are those of the detections', async () => {
    const whole = await exported(db, '.gpkg');
    expect(whole.layers).toEqual([
      { name: 'detections', count: IMAGES * PER_IMAGE },
      { name: 'detection_outlines', count: IMAGES * PER_IMAGE },
      { name: 'sites', count: IMAGES },
      { name: 'coverage', count: IMAGES },
      { name: 'known_objects', count: 2 },
    ]);
    const { path, layers, bytes } = await exported(db, '.gpkg', {
      limit: 10,
      layers: ['detections', 'outlines', 'sites'],
    });
    expect(layers.map(({ count }) => count)).toEqual([10, 10, expect.any(Number)]);
    expect(bytes).toBe(readFileSync(path).length);
    const file = new Sqlite(path, { readonly: true });
    const column = (sql: string) => file.prepare(sql).raw().all().flat();
    const chosen = column('SELECT id FROM detections ORDER BY id');
    expect(column('SELECT id FROM detection_outlines ORDER BY id')).toEqual(chosen);
    expect(column('SELECT id FROM sites ORDER BY id')).toEqual(
      column('SELECT DISTINCT site_id FROM detections WHERE site_id IS NOT NULL ORDER BY site_id'),
    );
    expect(column('SELECT id FROM rtree_detections_geom ORDER BY id')).toEqual(chosen);
    expect(column('SELECT metadata FROM gpkg_metadata').join()).toMatch(
      /NASA\/GSFC\/Arizona State University.*"limit":10/,
    );
    expect(
      column(
        "SELECT description FROM gpkg_data_columns WHERE table_name = 'detections' AND column_name = 'score'",
      ).join(),
    ).toMatch(/calibrated/);
    file.close();
  });

  it('to CSV reads back as the same values, with types and reference system beside it', async () => {
    const { path } = await exported(db, '.csv', { limit: 100 });
    const rows = parse<Record<string, string>>(readFileSync(path), { columns: true });
    const expected = (await geoJson(db, { limit: 100 })).features;
    expect(rows.map(({ id }) => Number(id))).toEqual(expected.map(({ id }) => id));
    for (const [i, row] of rows.entries()) {
      const { properties } = expected[i]!;
      expect(Number(row['score'])).toBe(properties.score);
      expect(row['observed_at']).toBe(properties.observed_at);
      expect(row['review']).toBe(properties.review ?? '');
      expect(JSON.parse(row['scores'] ?? '')).toEqual(properties.scores);
      expect(row['WKT']).toMatch(/^POINT/);
      expect(row['credits']).toBe('NASA/GSFC/Arizona State University');
    }
    const beside = readFileSync(path.replace('.csv', '.csvt'), 'utf8').trim().split(',');
    expect(beside).toHaveLength(Object.keys(rows[0] ?? {}).length);
    expect(readFileSync(path.replace('.csv', '.prj'), 'utf8')).toContain('1737400');
    expect(readFileSync(`${path}-metadata.json`, 'utf8')).toContain('"limit": 100');
  });

  it('to lines of GeoJSON has one feature a line, each with its body', async () => {
    const { path } = await exported(db, '.geojsonl', { limit: 20, layers: ['coverage'] });
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(IMAGES);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        type: 'Feature',
        body: 'Moon',
        geometry: { type: 'MultiPolygon' },
      });
  });

  it('as a catalogue has an item for each scan with its detections, linked both ways', async () => {
    const { path, layers } = await exported(db, '', { minScore: 7.9 });
    const read = (...parts: string[]) =>
      JSON.parse(readFileSync(join(path, ...parts), 'utf8')) as Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
    const [collection = ''] = readdirSync(path).filter((name) => name !== 'catalog.json');
    const { links } = read(collection, 'collection.json') as { links: { rel: string; href: string }[] };
    const items = links.filter(({ rel }) => rel === 'item').map(({ href }) => read(collection, href));
    const expected = where(({ score }) => score >= 7.9);
    expect(layers).toEqual([
      { name: 'items', count: items.length },
      { name: 'detections', count: expected.length },
    ]);
    const found: number[] = [];
    for (const item of items) {
      for (const { rel, href } of item['links'] as { rel: string; href: string }[])
        if (rel !== 'via') expect(existsSync(join(path, collection, item['id'] as string, href))).toBe(true);
      const detections = read(
        collection,
        item['id'] as string,
        'detections.geojson',
      ) as unknown as Collection;
      expect(detections.features.every(({ properties }) => properties.product_id === item['id'])).toBe(true);
      found.push(...detections.features.map(({ id }) => id));
      expect(item['properties']).toMatchObject({
        'ssys:targets': ['Moon'],
        'selenoscan:detections': detections.features.length,
      });
    }
    expect(found.sort((a, b) => a - b)).toEqual(expected);
  });

  it('sees one moment, whatever is committed meanwhile', async () => {
    const before = all.length;
    const running = exported(db, '.gpkg', { layers: ['detections', 'detection_outlines'] });
    const deleted = db.query('DELETE FROM selenoscan_data.detection WHERE rank_in_image = 50');
    const { path, layers } = await running;
    await deleted;
    const file = new Sqlite(path, { readonly: true });
    const counts = layers.map(({ name }) => file.prepare(`SELECT count(*) FROM ${name}`).raw().get());
    file.close();
    expect(counts[0]).toEqual(counts[1]);
    expect([before, before - IMAGES]).toContain(layers[0]?.count);
    expect(counts[0]).toEqual([layers[0]?.count]);
  });

  it('leaves nothing when it is stopped on its way', async () => {
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    const there = readdirSync(folder).length;
    for (const end of FORMATS.map((each) => (each === 'stac' ? '' : each)))
      await expect(exported(db, end, {}, stopped.signal)).rejects.toThrow('stopped');
    expect(readdirSync(folder)).toHaveLength(there);
  });

  it('gives the results of a model that is not the active one as they were while it was', async () => {
    const scores = async (flags: ExportFlags) =>
      (await geoJson(db, flags)).features.map(({ id, properties }) => [
        id,
        properties.score,
        properties.product_id,
      ]);
    const then = await scores({});
    const ground = (await exported(db, '.geojsonl', { layers: ['coverage'] })).layers;
    await registerModel(db, { id: MODEL, manifest: {}, calibration: {} });
    await activateModel(db, MODEL);
    const product = sampleProduct('M1271742202LC');
    await announce(db, product);
    await commitScan(db, await claim(db), sampleResult([sampleDetection(product.imageId, 1)]));
    expect(await scores({})).toEqual([[expect.any(Number), 5.9, 'M1271742202LC']]);
    expect(await scores({ model: SYNTHETIC_MODEL })).toEqual(then);
    expect(
      (await exported(db, '.geojsonl', { layers: ['coverage'], model: SYNTHETIC_MODEL })).layers,
    ).toEqual(ground);
    const { layers } = await exported(db, '.gpkg', { model: SYNTHETIC_MODEL, minScore: 7 });
    expect(layers[0]?.count).toBe(layers[1]?.count);
    expect((await exported(db, '', { model: SYNTHETIC_MODEL })).layers[0]).toEqual({
      name: 'items',
      count: IMAGES,
    });
    await expect(exported(db, '.gpkg', { model: 'no@model' })).rejects.toThrow(
      /--model no@model: the database knows only .*starter@0123456789ab/,
    );
  });

  it('refuses views that are not there, and two where one is written', async () => {
    await expect(exported(db, '.gpkg', { layers: ['craters'] })).rejects.toThrow(
      /--layers craters: there is no such view; there are coverage, .*detections/,
    );
    await expect(exported(db, '.csv', { layers: ['sites', 'coverage'] })).rejects.toThrow(
      /one layer; name one, or write X.gpkg/,
    );
  });
});

describeWithPostgres('selenoscan export', () => {
  let env: Record<string, string>;
  beforeAll(async () => {
    const { db, url } = await createTestDatabase();
    await fillSynthetic(db, ROWS / PER_IMAGE);
    env = { DATABASE_URL: url };
  }, 300_000);

  /** Peak memory of the process, megabytes, as it says when it ends. */
  async function peakOf(out: string, limit: number): Promise<{ report: ExportReport; peakMb: number }> {
    const tell = join(folder, 'tell.mjs');
    // Not maxRSS, which begins with that of the process that started it.
    writeFileSync(
      tell,
      `let peak = 0;
       const look = () => { peak = Math.max(peak, process.memoryUsage.rss()); };
       setInterval(look, 20).unref();
       process.on('exit', () => { look(); console.error('peak ' + peak); });`,
    );
    const run = await runCli(
      ['export', '--out', out, '--layers', 'detections', '--limit', String(limit), '--json'],
      {
        ...env,
        NODE_OPTIONS: `--import=${tell} --max-old-space-size=${HEAP_MB}`,
      },
    );
    const [, bytes = ''] = /peak (\d+)/.exec(run.stderr) ?? [];
    return { report: JSON.parse(run.stdout) as ExportReport, peakMb: Number(bytes) / 1e6 };
  }

  it.each(['.gpkg', '.geojson', '.csv'])(
    'holds a batch at a time: 50,000 rows to %s fit a heap of a part of what they weigh',
    async (end) => {
      const few = await peakOf(join(folder, `few${end}`), 2000);
      // As objects the rows take 175 MB: the heap is too small for them, and the process would end.
      const many = await peakOf(join(folder, `many${end}`), ROWS);
      expect(many.report.layers).toEqual([{ name: 'detections', count: ROWS }]);
      console.log(
        `${end}: ${few.peakMb.toFixed(0)} MB for 2,000 rows, ${many.peakMb.toFixed(0)} MB for 50,000 (${(many.report.bytes / 1e6).toFixed(0)} MB)`,
      );
      // Beside the heap: what the collector has not yet thrown away of it, and buffers.
      expect(many.peakMb - few.peakMb).toBeLessThan(90);
    },
    300_000,
  );

  it('does not replace what is there unless told so', async () => {
    const path = join(folder, 'there.csv');
    const args = ['export', '--out', path, '--limit', '3'];
    expect((await runCli(args, env)).code).toBe(0);
    const refused = await runCli(args, env);
    expect(refused.code).toBe(2);
    expect(sentenceOf(refused)).toMatch(
      /there\.csv is there already; give another name, or replace it by --force\.$/,
    );
    rmSync(path);
    expect(sentenceOf(await runCli(args, env))).toMatch(/there\.csvt is there already/);
    expect((await runCli([...args, '--force'], env)).code).toBe(0);
    expect(readFileSync(path, 'utf8').trim().split('\r\n')).toHaveLength(4);
  });

  it.each([
    [['--out', 'x.shp'], /--out x\.shp: files that end so are not written; give --out X\.gpkg\|/],
    [[], /Nothing says what to write; give --out X\.gpkg/],
    [['stac'], /export stac: that is not what it takes/],
    [['--out', 'x.gpkg', '--bbox', '1,2,3'], /--bbox.*Give west,south,east,north/],
    [['--out', 'x.gpkg', '--since', 'yesterday'], /--since.*Give a time \(UTC\)/],
    [['--out', 'x.gpkg', '--limit', '0'], /--limit.*whole number from 1 up/],
    [['--out', 'x.gpkg', '--known', 'maybe'], /--known.*yes, no/],
    [
      ['--out', 'x.gpkg', '--within', '/no/where.geojson'],
      /--within \/no\/where\.geojson: there is no such file/,
    ],
    [['--out', '/no/where/x.gpkg'], /its folder is not there/],
  ])('answers %j by one sentence and 2', async (args, sentence) => {
    const run = await runCli(['export', ...args], env);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(sentence);
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });
});
