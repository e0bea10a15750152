import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseIndexLabel, type IndexLayout } from '../../src/archive/index/index-layout.js';
import { parseIndexRecord } from '../../src/archive/index/index-record.js';
import { parseYaml } from '../../src/config/parse-yaml.js';
import { InvalidProductError } from '../../src/domain/errors.js';
import { cameraUncertaintyM, shiftOnSphereM } from '../../src/geo/camera-uncertainty.js';
import { createIsdModel } from '../../src/geo/isd-model.js';
import { readCursor } from '../../src/http/cursor.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { calibrationSchema, manifestSchema, referenceSchema } from '../../src/model/manifest.js';
import { locateTensors, readMetadata } from '../../src/model/safetensors.js';
import { bytesInMemory } from '../../src/raster/byte-source.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { logSurvival } from '../../src/scoring/generalised-pareto.js';
import { passIsd } from '../geo/isd-support.js';
import { singleStripTiff } from '../raster/images.js';
import { indexSamples } from './support/index-samples.js';

/* What the fuzzer found, each once. */

const [sample] = indexSamples();
const LABEL = sample!.label.toString('latin1');
const layout: IndexLayout = parseIndexLabel(LABEL, 'INDEX.LBL');
const records = sample!.table.toString('latin1').match(/[^\n]+\n/g)!;
/** The first row of a NAC image: rows of other kinds stand among them. */
const record = records.find((row) => /," *M\d+L[CE]",/.test(row))!;
const rowOf = (text: string) => parseIndexRecord(Buffer.from(text, 'latin1'), layout.columns);
const spanOf = (name: string) => layout.columns.get(name)!;
const put = (name: string, value: string) => {
  const { start, bytes } = spanOf(name);
  return record.slice(0, start) + value.padStart(bytes).slice(0, bytes) + record.slice(start + bytes);
};

describe('a record of INDEX.TAB is no product', () => {
  it('as a whole, it is one', () => {
    expect(rowOf(record)).toMatchObject({ kind: 'product', doubt: null });
  });

  it.each([
    [
      'a byte was put in and another is missing',
      () => {
        const [from, to] = [spanOf('SCALED_PIXEL_HEIGHT').start, spanOf('CENTER_LATITUDE').start];
        return `${record.slice(0, from)} ${record.slice(from, to - 1)}${record.slice(to)}`;
      },
    ],
    ['a quote stands in a value', () => put('ORBIT_NODE', '"')],
    ['a comma stands in a number', () => put('TARGET_CENTER_DISTANCE', '1780.9,')],
    ['a line ends within it', () => put('ORBIT_NUMBER', '\r\n7')],
  ])('where %s', (_, damaged) => {
    expect(damaged()).toHaveLength(record.length);
    expect(rowOf(damaged())).toMatchObject({ kind: 'invalid', reason: 'alignment of its columns' });
  });

  it('where its path leaves the archive', () => {
    const { start, bytes } = spanOf('FILE_SPECIFICATION_NAME');
    const path = record
      .slice(start, start + bytes)
      .trim()
      .replace(/^[^/]+/, '..');
    expect(rowOf(put('FILE_SPECIFICATION_NAME', path))).toMatchObject({
      kind: 'invalid',
      reason: 'FILE_SPECIFICATION_NAME',
    });
  });
});

describe('INDEX.LBL is refused', () => {
  it('where a column says twice, and not the same, where it begins', () => {
    const twice = LABEL.replace(/(START_BYTE\s*= \d+)/, '$1\r\n    START_BYTE = 5');
    expect(() => parseIndexLabel(twice, 'INDEX.LBL')).toThrow(/START_BYTE stands twice in one COLUMN/);
  });

  it('in one line, whatever it quotes', () => {
    const forged = LABEL.replace('INTERCHANGE_FORMAT', '\rlevel=error forged');
    expect(() => parseIndexLabel(forged, 'INDEX.LBL')).toThrow(/^[^\r\n]+$/);
  });
});

it('an INDEX.LBL whose number of rows is beyond counting tells none', () => {
  const many = LABEL.replace(/(\sROWS\s*= )\d+/, (_, before: string) => `${before}9007199254740993`);
  expect(parseIndexLabel(many, 'INDEX.LBL').rows).toBeNull();
});

it('a message of an error is one line of bounded length that keeps its remedy', () => {
  const { message } = new InvalidProductError('x', `${'a\u0000\u2028'.repeat(9000)}; fetch it again.`);
  expect(message).toMatch(/^a a .* … .*; fetch it again\.$/);
  expect(message.length).toBeLessThan(1010);
});

it('a cursor of no finite score, or of no id, is none', () => {
  for (const text of [
    '[1e999,1]',
    '[-1e999,1]',
    '[1,-1]',
    '[1,0]',
    '[1,1.5]',
    '["1",1]',
    '[1,1,1e999]',
    'null',
  ])
    expect(readCursor(Buffer.from(text).toString('base64url'))).toBeNull();
});

it('a TIFF that gives its width twice is refused: readers differ in which one they take', async () => {
  const pixels = new Uint8Array(100);
  const tags = [
    [256, 10],
    [256, 5],
    [257, 10],
    [258, 8],
    [259, 1],
    [262, 1],
    [277, 1],
    [278, 10],
  ] as const;
  await expect(
    openRaster(bytesInMemory('/nowhere/x.tif', singleStripTiff(tags, pixels))),
  ).rejects.toMatchObject({
    code: 'undecodable',
  });
});

describe('a camera model', () => {
  const image = { width: 5064, height: 1000 };
  const pass = { center: { lon: 22, lat: 20 }, headingDeg: 178, mirrored: false, lines: 1000, alongM: 1 };
  const isd = passIsd({ ...pass, altitudeM: 1e5, summing: 1, subSolar: { lon: 0, lat: 0 } });

  it('that looks straight down has an uncertainty, though the cosine is a rounding above 1', () => {
    expect(cameraUncertaintyM(shiftOnSphereM(1 + 4e-16), 1, 31001)).toBeGreaterThan(0);
  });

  it('whose pixels have no size is refused', () => {
    expect(() => createIsdModel({ ...isd, focal2pixel_samples: [0, 0, 1.7e308] }, image)).toThrow(
      /makes pixels of/,
    );
  });
});

describe('a YAML text', () => {
  it('of a thousand errors in one line is refused by the first, at once', () => {
    const text = `gis:\n  basemaps: []${']'.repeat(20_000)}\n`;
    const before = process.cpuUsage();
    expect(() => parseYaml(text)).toThrow(/ at line 2, column 15$/);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
  });

  it('without a mistake means what it says', () => {
    expect(parseYaml('a: [1, "b"]\nc: null\n')).toEqual({ a: [1, 'b'], c: null });
  });
});

describe('the tail of a calibration', () => {
  it('that is as heavy and as narrow as numbers go gives a finite probability', () => {
    expect(logSurvival({ shape: 5, scale: 1e-308 }, 1e300)).toBeGreaterThan(-Infinity);
    expect(logSurvival({ shape: 0, scale: 1e-308 }, 1e300)).toBeGreaterThan(-Infinity);
  });
});

describe('a model folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selenoscan-found-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const tensors = (header: unknown) => {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(64)]);
  };

  it.each([
    ['no tensor', null],
    ['a tensor that is none', { a: null }],
    ['a tensor without its place', { a: { dtype: 'F32', shape: [1] } }],
    ['a tensor of no shape', { a: { dtype: 'F32', shape: 'x', data_offsets: [0, 4] } }],
    ['a place in words', { a: { dtype: 'F32', shape: [1], data_offsets: ['0', '4'] } }],
    ['a place before the data', { a: { dtype: 'F32', shape: [1], data_offsets: [-4, 0] } }],
    ['a tensor of no type', { a: { dtype: ['F32'], shape: [1], data_offsets: [0, 4] } }],
    ['a tensor of an inherited type', { a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }],
  ])('is refused with weights that hold %s', (_, header) => {
    expect(() => locateTensors(tensors(header), 'w')).toThrow(/^w is not a readable safetensors file \(.+\)/);
  });

  it('is refused with texts beside its tensors that are none', () => {
    expect(() => readMetadata(tensors({ __metadata__: { format: 7 } }), 'w')).toThrow(/not a readable/);
  });

  it('is refused where it names a file that lies elsewhere', async () => {
    const sum = { bytes: 1, sha256: '0'.repeat(64) };
    const manifest = { format: 1, name: 'x', hash: '0'.repeat(12), files: { '../../dev/zero': sum } };
    const architecture = { family: 'vae', channels: 1, latent: 8, tileSize: 64 };
    const normalisation = { divisor: 255, wide: { name: 'percentile', low: 0.1, high: 99.9, headroom: 0.5 } };
    const whole = { ...manifest, architecture, normalisation, score: 'b', training: null };
    expect(manifestSchema.safeParse({ ...whole, files: { 'card.md': sum } }).success).toBe(true);
    writeFileSync(join(folder, 'model.json'), JSON.stringify(whole));
    await expect(loadModelFolder(folder)).rejects.toThrow(/has no valid files/);
  });

  const cell = { scores: [0, 1], tail: { shape: 0.1, scale: 1 } };
  const tenths = new Array<number>(9).fill(1);
  const spread = { median: 0, mad: 1 };
  const calibration = {
    score: 'b',
    images: 1,
    tiles: 10,
    axis: { scale: 'linear', from: -3, step: 0.05, bins: 300 },
    knots: [0, 1],
    incidences: [30],
    contrasts: [],
    cells: [cell, cell],
    inputs: [
      { brightness: tenths, contrast: tenths },
      { brightness: tenths, contrast: tenths },
    ],
    pooled: { mad: 1, logA: spread, logBright: spread },
  };
  it.each([
    ['a cell is wanting', { cells: [cell] }],
    ['an input is wanting', { inputs: calibration.inputs.slice(1) }],
    ['knots fall', { knots: [1, 0] }],
    ['incidences fall', { incidences: [30, 20], cells: [cell, cell, cell] }],
    ['a contrast has no logarithm', { contrasts: [-1], cells: [cell, cell, cell, cell] }],
    ['a cell has more scores than there are knots', { cells: [cell, { ...cell, scores: [0, 1, 2] }] }],
    ['scores fall', { cells: [cell, { ...cell, scores: [1, 0] }] }],
    ['a score is beyond all that are', { cells: [cell, { ...cell, scores: [0, 14_480] }] }],
    ['a tail has no scale', { cells: [cell, { ...cell, tail: { shape: 0, scale: 0 } }] }],
  ])('is refused with a calibration where %s', (_, change) => {
    expect(calibrationSchema.safeParse(calibration).success).toBe(true);
    expect(calibrationSchema.safeParse({ ...calibration, ...change }).success).toBe(false);
  });

  const base64 = (bytes: number) => Buffer.alloc(bytes).toString('base64');
  const [tiles, valid] = [base64(4096), base64(4096)];
  const reference = { tolerance: 1e-3, count: 1, tiles, valid, l2: [1], muNorm: [1], bright: [1] };
  it.each([
    ['scores', { l2: [] }],
    ['flags', { valid: base64(4000) }],
    ['pixels', { tiles: base64(8192) }],
  ])('is refused with a reference of too few or too many %s', (_, change) => {
    expect(referenceSchema.safeParse(reference).success).toBe(true);
    expect(referenceSchema.safeParse({ ...reference, ...change }).success).toBe(false);
  });
});
