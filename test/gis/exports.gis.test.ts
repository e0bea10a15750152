import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillSynthetic, PER_IMAGE } from '../../bench/gis/synthetic-results.js';
import { runCli } from '../support/cli.js';
import { createTestDatabase } from '../support/postgres.js';

/** Debian's Python has QGIS and GDAL; another one may come first on the path. */
const PYTHON = '/usr/bin/python3';
const IMAGES = 300;
const DETECTIONS = IMAGES * PER_IMAGE;

interface QgisLayer {
  readonly valid: boolean;
  readonly crs: {
    readonly valid: boolean;
    readonly authid: string;
    readonly proj: string;
    readonly name: string;
  };
  readonly metres: readonly [number, number];
  readonly count: number;
  readonly within: number;
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

describe('exports, as QGIS and GDAL read them', () => {
  let folder: string;
  let layers: Readonly<Record<string, QgisLayer>>;
  let messages: readonly string[];
  const at = (name: string) => join(folder, name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'selenoscan-gis-exports-'));
    const { db, url } = await createTestDatabase();
    await fillSynthetic(db, IMAGES);
    const export_ = async (...args: string[]) => {
      const run = await runCli(['export', ...args], { DATABASE_URL: url });
      if (run.code !== 0) throw new Error(run.stderr);
    };
    await export_('--out', at('all.gpkg'));
    await export_('--out', at('detections.geojson'));
    await export_('--out', at('coverage.geojson'), '--layers', 'coverage');
    await export_('--out', at('detections.csv'));
    await export_('--out', at('coverage.csv'), '--layers', 'coverage');
    await export_('stac', at('catalogue'));
    const [collection = ''] = readdirSync(at('catalogue')).filter((name) => name !== 'catalog.json');
    const sources: Record<string, string> = {
      detections: `${at('all.gpkg')}|layername=detections`,
      outlines: `${at('all.gpkg')}|layername=detection_outlines`,
      sites: `${at('all.gpkg')}|layername=sites`,
      coverage: `${at('all.gpkg')}|layername=coverage`,
      known: `${at('all.gpkg')}|layername=known_objects`,
      geojson: at('detections.geojson'),
      'coverage geojson': at('coverage.geojson'),
      csv: at('detections.csv'),
      'coverage csv': at('coverage.csv'),
      item: join(at('catalogue'), collection, 'M1400000007LC', 'detections.geojson'),
    };
    const output = execFileSync(PYTHON, [resolve('test/gis/exports.py'), ...Object.values(sources)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const told = JSON.parse(output) as { messages: string[]; answers: QgisLayer[] };
    messages = told.messages;
    layers = Object.fromEntries(Object.keys(sources).map((name, i) => [name, told.answers[i]!]));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['detections', 'Point', DETECTIONS],
    ['outlines', 'MultiPolygon', DETECTIONS],
    ['sites', 'Point', IMAGES],
    ['coverage', 'MultiPolygon', IMAGES],
    ['known', 'Point', 2],
    ['geojson', 'Point', DETECTIONS],
    ['coverage geojson', 'MultiPolygon', IMAGES],
    ['csv', 'Point', DETECTIONS],
    ['coverage csv', 'MultiPolygon', IMAGES],
    ['item', 'Point', PER_IMAGE],
  ])('%s opens in QGIS on the Moon, with every row', (name, type, count) => {
    const layer = layers[name];
    expect(layer).toMatchObject({
      valid: true,
      crs: { valid: true, name: 'Moon (2015) - Sphere / Ocentric' },
      type,
      count,
    });
    expect(layer?.crs.proj).toMatch(/\+R=1737400/);
    // One degree of the Moon is 30323.35 m, one of the Earth 111320.
    expect(layer?.metres[0]).toBeCloseTo(303_233.504, 2);
    expect(layer?.metres[1]).toBeCloseTo(606_467.008, 2);
    // GeoJSON cannot name the authority to GDAL 3.6 without QGIS losing the system.
    if (!name.includes('geojson') && name !== 'item') expect(layer?.crs.authid).toBe('IAU_2015:30100');
  });

  it('give QGIS nothing to warn of', () => expect(messages).toEqual([]));

  it('find the same rows in a box by the index of the GeoPackage as without one', () => {
    expect(layers['detections']?.within).toBeGreaterThan(0);
    expect(layers['detections']?.within).toBe(layers['geojson']?.within);
    expect(layers['csv']?.within).toBe(layers['geojson']?.within);
  });

  it('keep their types', () => {
    expect(layers['detections']?.fields).toMatchObject({
      id: 'Integer64',
      score: 'Real',
      observed_at: 'DateTime',
      scores: 'JSON',
      review: 'String',
    });
    expect(layers['csv']?.fields).toMatchObject({
      id: 'Integer64',
      score: 'Real',
      observed_at: 'DateTime',
      review: 'String',
    });
    expect(layers['known']?.fields).toMatchObject({ arrived_on: 'Date' });
  });

  it("pass GDAL's checks of a GeoPackage", () => {
    const args = ['-m', 'osgeo_utils.samples.validate_gpkg', '--extra', '--warning-as-error', at('all.gpkg')];
    expect(() => execFileSync(PYTHON, args, { stdio: 'pipe' })).not.toThrow();
  });

  it('are converted by ogr2ogr to a polar map in metres', () => {
    const polar = at('polar.gpkg');
    execFileSync('ogr2ogr', [
      '-t_srs',
      'IAU_2015:30130',
      '-where',
      'lat > 80',
      polar,
      at('all.gpkg'),
      'detections',
    ]);
    const summary = execFileSync('ogrinfo', ['-so', polar, 'detections'], { encoding: 'utf8' });
    const [, west, , , north] =
      /Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)/.exec(summary) ?? [];
    expect(Number(/Feature Count: (\d+)/.exec(summary)?.[1])).toBeGreaterThan(0);
    // 10 degrees from the pole in the stereographic projection: 2R tan 5 degrees.
    const reach = 2 * 1_737_400 * Math.tan((5 * Math.PI) / 180);
    for (const edge of [west, north]) expect(Math.abs(Number(edge))).toBeLessThanOrEqual(reach + 1);
  });
});
