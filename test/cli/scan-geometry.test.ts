import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIndexRow } from '../../src/archive/index/index-file.js';
import { readGivenView, type GivenArguments } from '../../src/cli/scan-given.js';
import { checkOut, writeDetections } from '../../src/cli/scan-out.js';
import { DETECTION_COLUMNS, type DetectionRow } from '../../src/cli/scan-report.js';
import { idInName, scanTarget } from '../../src/cli/scan-target.js';
import { viewOf } from '../../src/cli/scan-view.js';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { runCli, sentenceOf } from '../support/cli.js';

const shared = (path: string) => fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
const ISD = shared('geometry/M103595705LE_isd.json');
const TRUTH = shared('geometry/truth_M103595705LE_52224x5064.csv');
const ROWS = shared('index/INDEX_901.TAB');
const INFO = { width: 512, height: 256, format: 'PNG', exactNulls: false };
const LOW_THRESHOLD = { SELENOSCAN_DETECTION_THRESHOLD: '1' };

const folder = mkdtempSync(join(tmpdir(), 'selenoscan-scan-geometry-'));
const image = join(folder, 'M103595705LE.png');
beforeAll(async () => {
  const noise = { type: 'gaussian' as const, mean: 120, sigma: 12 };
  const create = { width: 512, height: 256, channels: 3 as const, background: '#777', noise };
  writeFileSync(image, await sharp({ create }).png().toBuffer());
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly lon: number | null;
  readonly lat: number;
  readonly line: number;
  readonly sample: number;
  readonly resolution_m: number | null;
  readonly sun_azimuth_deg: number | null;
}

const rowsOf = (stdout: string) =>
  (JSON.parse(stdout) as { images: { detections: Row[] }[] }).images[0]!.detections;

describe('geometry given to a scan', () => {
  it('is the camera model where one is given, with the Sun', async (context) => {
    if (!existsSync(ISD)) return context.skip('the real camera model is not at ../shared/data');
    const run = await runCli(['scan', image, '--isd', ISD, '--json'], LOW_THRESHOLD);
    expect(sentenceOf(run)).toBe('');
    expect(run.stderr).not.toMatch(/SunUnknown|NoGeometry/);
    const [, first] = readFileSync(TRUTH, 'utf8').split('\n');
    const [, , lon = NaN, lat = NaN] = first!.split(',').map(Number);
    const rows = rowsOf(run.stdout);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      const east = (((row.lon! - lon + 540) % 360) - 180) * Math.cos((lat * Math.PI) / 180) * 30323;
      // Pixels of about a metre: the nearest corner of the whole image is no farther than a few of this one.
      expect(Math.hypot(east, (row.lat - lat) * 30323)).toBeLessThan(
        2.5 * Math.hypot(row.sample, row.line) + 10,
      );
      expect(row.sun_azimuth_deg).toBeGreaterThanOrEqual(0);
      expect(row.resolution_m).toBeGreaterThan(0.3);
      expect(row.resolution_m).toBeLessThan(2.5);
    }
  }, 60_000);

  it('is sizes alone where only the resolution is given', () => {
    const view = viewOf({ resolution: 0.5, sun: 90 }, null, INFO);
    expect(view).toMatchObject({ ground: null, resolutionM: 0.5, remarks: [] });
    expect(view.towardsSun?.x).toBeCloseTo(1, 12);
    expect(view.towardsSun?.y).toBeCloseTo(0, 12);
    expect(viewOf({}, null, INFO)).toEqual({
      ground: null,
      towardsSun: null,
      incidenceDeg: null,
      resolutionM: null,
      remarks: [],
    });
  });

  it('is taken from the camera, else from corners by hand, else from the row; the Sun by hand before all', async (context) => {
    if (!existsSync(ISD) || !existsSync(ROWS)) return context.skip('the real data are not at ../shared/data');
    const isd: unknown = JSON.parse(readFileSync(ISD, 'utf8'));
    const there = await readIndexRow(ROWS, 'M124423514LC');
    const info = { ...INFO, width: there.samples, height: there.lines };
    const centre = { sample: info.width / 2, line: info.height / 2 };
    const row = { ...there, center: createIsdModel(isd, info).locate(centre) };
    const corners = '10,20 10.01,20 10.01,19.99 10,19.99';
    const views = [
      viewOf({ isd, corners }, row, info),
      viewOf({ corners }, row, info),
      viewOf({}, row, info),
    ];
    expect(views.map(({ ground }) => ground?.model.kind)).toEqual(['isd', 'corners', 'corners']);
    const [, byHand, byRow] = views.map(({ ground }) => ground!.model.locate(centre));
    expect(byHand!.lon).toBeCloseTo(10.005, 3);
    expect(byRow!.lon).toBeCloseTo(there.center.lon, 1);
    expect(byRow!.lat).toBeCloseTo(there.center.lat, 1);
    for (const { towardsSun, resolutionM } of views) {
      expect(Math.hypot(towardsSun!.x, towardsSun!.y)).toBeCloseTo(1, 9);
      expect(resolutionM).toBe(row.resolutionM);
    }
    expect(viewOf({ sun: 0 }, row, info).towardsSun).toEqual({ x: 0, y: -1 });
    expect(() => viewOf({ isd }, there, info)).toThrow(
      /^The camera model places the middle of M124423514LC \d+ km from where its index row has it; give by --isd the model of this image\.$/,
    );
  });

  it.each<[string, GivenArguments, number, RegExp]>([
    ['no camera model', { isd: join(folder, 'none.json') }, 1, /none\.json: the camera model cannot be read/],
    ['a camera model that is no JSON', { isd: image }, 1, /LE\.png: the camera model is not valid JSON/],
    [
      'one camera model for two images',
      { isd: ISD },
      2,
      /--isd places one image; scan the images one by one\.$/,
    ],
    [
      'corners for two images',
      { corners: '1,2' },
      2,
      /--corners places one image; scan the images one by one\.$/,
    ],
    ['corners that are none', { corners: '1,2 3' }, 1, /corner/i],
  ])('is refused in one sentence where there is %s', async (_what, given, images, sentence) => {
    const refused = await readGivenView(given, images).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(sentence) as string,
    });
  });

  it('ends the command with 2 where the rows hold none of the image', async (context) => {
    if (!existsSync(ROWS)) return context.skip('the real index rows are not at ../shared/data');
    const run = await runCli(['scan', image, '--index', ROWS]);
    expect(run.code).toBe(2);
    expect(sentenceOf(run)).toMatch(/INDEX_901\.TAB holds no record of M103595705LE among its 4/);
  }, 60_000);
});

describe('an argument of scan', () => {
  it.each([
    ['M1271742202LC', { kind: 'product', productId: 'M1271742202LC' }],
    ['m124423514re', { kind: 'product', productId: 'M124423514RE' }],
    ['M124423514R', { kind: 'product', productId: 'M124423514RC' }],
    ['M124423514RC.IMG', { kind: 'file', path: 'M124423514RC.IMG' }],
    ['./M124423514RC', { kind: 'file', path: './M124423514RC' }],
    ['C124423514RC', { kind: 'file', path: 'C124423514RC' }],
    ['HTTPS://Example.org/a b.tif', { kind: 'url', url: 'https://example.org/a%20b.tif' }],
  ])('%s is told for what it is', (given, target) => {
    expect(scanTarget(given, 'cdr')).toEqual(target);
  });

  it('names the product of the configured data set by an image id, and is refused as an address that is none', () => {
    expect(scanTarget('M124423514R', 'edr')).toEqual({ kind: 'product', productId: 'M124423514RE' });
    expect(() => scanTarget('http://', 'cdr')).toThrow(/http:\/\/ is not an address/);
  });

  it.each([
    ['/data/M143947267L_crop400.png', 'M143947267L'],
    ['nac.m1271742202lc_pyr.tif', 'M1271742202LC'],
    ['m124423514left.tif', null],
    ['moon.tif', null],
  ])('%s carries its id in its name, if any', (path, id) => {
    expect(idInName(path)).toBe(id);
  });
});

describe('the file of detections', () => {
  const row = Object.fromEntries(DETECTION_COLUMNS.map((name) => [name, null])) as unknown as DetectionRow;

  it('as CSV quotes what needs it and leaves empty what is not known', async () => {
    const path = join(folder, 'found.csv');
    const geom = { type: 'Point', coordinates: [-1.5, 2] };
    const found = { ...row, id: 1, product_id: 'a,"b"', scores: { l2: 0.5 }, lon: -1.5, lat: 2, geom };
    await writeDetections(path, [found], 'starter@0');
    const [head, line, ...rest] = readFileSync(path, 'utf8').split('\r\n');
    const names = DETECTION_COLUMNS.filter((name) => name !== 'geom');
    expect(head).toBe([...names, 'WKT', 'credits'].join(','));
    expect(line).toMatch(/^1,"a,""b""",,,,,,,"\{""l2"":0\.5\}",,-1\.5,2,/);
    expect(line).toMatch(/,POINT\(-1\.5 2\),NASA\/GSFC\/Arizona State University$/);
    expect(rest).toEqual(['']);
    await writeDetections(path, [], 'starter@0');
    expect(readFileSync(path, 'utf8')).toBe(`${head}\r\n`);
  });

  it('is refused in one sentence under another name, and where it cannot be written', async () => {
    for (const name of ['x.shp', 'x', 'x.json'])
      await expect(checkOut(name)).rejects.toThrow(/^--out \S+: only \.gpkg, \.geojson.* are written; give/);
    await expect(checkOut(join(folder, 'no/where.csv'))).rejects.toThrow(/its folder is not there/);
    await expect(writeDetections(join(folder, 'no/where.csv'), [], 'starter@0')).rejects.toMatchObject({
      name: 'OperationalError',
      message: expect.stringMatching(
        /where\.csv cannot be written: its folder is not there; give another place\.$/,
      ) as string,
    });
  });
});
