import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceOf, expectedGrey, readGrey, readSamples } from './stretched.js';

const PYTHON = '/usr/bin/python3';
const missing =
  spawnSync(PYTHON, ['-c', 'import numpy, tifffile; from osgeo import gdal']).status === 0
    ? null
    : 'GDAL and tifffile for Python are not installed: apt-get install python3-gdal python3-tifffile.';

interface PeerImage {
  readonly name: string;
  readonly dtype: string;
  readonly width: number;
  readonly height: number;
  readonly layout: 'grey' | 'rgb' | 'alpha';
  readonly options: unknown;
  readonly no_data: number | null;
}

const COUNT = 90;
const SEED = Number(process.env['SELENOSCAN_TEST_SEED'] ?? 20_261);
let folder: string;
let images: PeerImage[] = [];

/** `describe` where GDAL and tifffile are installed; elsewhere the tests are left out with the reason. */
function describeWithPeers(name: string, define: () => void): void {
  if (missing === null) describe(name, define);
  else describe(name, () => it('needs GDAL and tifffile', (context) => context.skip(missing)));
}

describeWithPeers(`TIFFs that GDAL and tifffile wrote, seed ${SEED}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raster-peers-'));
    const script = join(import.meta.dirname, 'peer_tiffs.py');
    const told = execFileSync(PYTHON, [script, folder, String(SEED), String(COUNT)], { encoding: 'utf8' });
    images = told
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PeerImage);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('have the samples that GDAL reads, and the grey levels that follow from them', async () => {
    for (const image of images) {
      const path = join(folder, `${image.name}.tif`);
      const bands = bandsOf(image);
      const about = JSON.stringify(image);
      const grey = await readGrey(path);
      if (image.dtype === 'uint8') {
        const { most } = differenceOf(grey, await expectedBytes(image, bands));
        expect(most, about).toBe(0);
        continue;
      }
      const samples = await readSamples(path);
      const truth = expectedSamples(image, bands);
      const wrong = truth.findIndex((value, i) => !isSame(value, samples[i]!, image.layout));
      expect([wrong, truth[wrong], samples[wrong]], about).toEqual([-1, undefined, undefined]);
      // A sum of three products rounds here and there to the other side of a level.
      const { most } = differenceOf(grey, expectedGrey(samples));
      expect(most, about).toBe(0);
    }
  });
});

function bandsOf({ name, width, height }: PeerImage): Float64Array[] {
  const raw = readFileSync(join(folder, `${name}.raw`));
  const all = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  const pixels = width * height;
  return Array.from({ length: all.length / pixels }, (_, b) => all.subarray(b * pixels, (b + 1) * pixels));
}

function isMinIsWhite({ options }: PeerImage): boolean {
  return JSON.stringify(options).includes('MINISWHITE');
}

async function expectedBytes(image: PeerImage, bands: Float64Array[]): Promise<number[]> {
  const { layout, width, height, no_data: noData } = image;
  if (layout === 'rgb') {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => bands[i % 3]![Math.floor(i / 3)]!);
    const raw = { width, height, channels: 3 } as const;
    return Array.from(await sharp(data, { raw }).toColourspace('b-w').raw().toBuffer());
  }
  return Array.from(bands[0]!, (value) => {
    if (noData !== null && value === noData) return 0;
    const level = isMinIsWhite(image) ? 255 - value : value;
    return noData === null ? level : Math.max(level, isMinIsWhite(image) || noData > 0 ? 1 : 0);
  });
}

function expectedSamples(image: PeerImage, bands: Float64Array[]): number[] {
  const { layout, dtype, no_data: noData } = image;
  const meaning = (value: number): number => {
    if (value === noData) return NaN;
    if (dtype === 'int16' && value < -32752) {
      if (value === -32767 || value === -32766) return -Infinity;
      return value === -32765 || value === -32764 ? Infinity : NaN;
    }
    return dtype.startsWith('float') && Math.fround(value) === Math.fround(-3.4028226550889e38)
      ? NaN
      : Math.fround(value);
  };
  if (layout === 'rgb')
    return Array.from(bands[0]!, (red, i) => {
      const [green, blue] = [bands[1]![i]!, bands[2]![i]!];
      return 0.2126 * meaning(red) + 0.7152 * meaning(green) + 0.0722 * meaning(blue);
    });
  const sign = isMinIsWhite(image) ? -1 : 1;
  return Array.from(bands[0]!, (value, i) => (bands[1]?.[i] === 0 ? NaN : sign * meaning(value)));
}

function isSame(a: number, b: number, layout: string): boolean {
  if (Number.isNaN(a) || !Number.isFinite(a) || layout !== 'rgb') return Object.is(a + 0, b + 0);
  return Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1);
}
