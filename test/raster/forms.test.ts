import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { RasterSource, StripRange } from '../../src/domain/raster.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { decodedByLibvips, texture } from './images.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-forms-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function allLines(image: RasterSource, lines: number): Promise<Uint8Array> {
  const { width, height } = image.info;
  const out = new Uint8Array(width * height);
  const ranges: StripRange[] = [];
  for (let y = 0; y < height; y += lines) ranges.push({ firstLine: y, lines: Math.min(lines, height - y) });
  for await (const strip of image.strips(ranges)) out.set(strip.data, strip.firstLine * width);
  return out;
}

function part(all: Uint8Array, width: number, x: number, y: number, w: number, h: number): Uint8Array {
  const out = new Uint8Array(w * h);
  for (let i = 0; i < h; i++) out.set(all.subarray((y + i) * width + x, (y + i) * width + x + w), i * w);
  return out;
}

const forms = (['jpeg', 'deflate', 'none'] as const).flatMap((compression) =>
  [true, false].flatMap((tiled) => [true, false].map((bigtiff) => ({ compression, tiled, bigtiff }))),
);
const sizes = [
  { width: 512, height: 512 },
  { width: 300, height: 700 },
  { width: 1000, height: 257 },
  { width: 17, height: 5 },
];

describe.each(forms)('a TIFF of form %o', (form) => {
  it.each(sizes)('of $width x $height pixels reads as libvips reads it', async (size) => {
    const path = join(folder, `${Object.values(form).join('-')}-${size.width}.tif`);
    await writePtif(path, size, (line, lines) => texture(size.width, lines, line), form);
    const truth = await decodedByLibvips(path);
    const image = await openRaster(path);
    expect(image.info).toMatchObject(size);
    expect(Buffer.compare(await allLines(image, 100), truth)).toBe(0);
    expect(Buffer.compare(await image.window(0, 0, size.width, size.height), truth)).toBe(0);
    if (form.compression !== 'jpeg') {
      expect(Buffer.compare(truth, texture(size.width, size.height))).toBe(0);
    }
    await image.close();
  });
});

describe('strips and windows', () => {
  const size = { width: 700, height: 900 };
  let image: RasterSource;
  let truth: Uint8Array;
  beforeAll(async () => {
    const path = join(folder, 'windows.tif');
    await writePtif(path, size, (line, lines) => texture(size.width, lines, line));
    truth = await decodedByLibvips(path);
    image = await openRaster(path);
  });
  afterAll(() => image.close());

  it('give the same pixels wherever they are cut', async () => {
    const window = fc.tuple(fc.nat(size.width - 1), fc.nat(size.height - 1)).chain(([x, y]) =>
      fc.record({
        x: fc.constant(x),
        y: fc.constant(y),
        w: fc.integer({ min: 1, max: size.width - x }),
        h: fc.integer({ min: 1, max: size.height - y }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(window, async ({ x, y, w, h }) => {
        const pixels = await image.window(x, y, w, h);
        expect(Buffer.compare(pixels, part(truth, size.width, x, y, w, h))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('give overlapping ranges in order, each with a buffer of its own', async () => {
    const range = fc.tuple(fc.nat(size.height - 1), fc.integer({ min: 1, max: 400 }));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { maxLength: 6 }), async (drawn) => {
        const ranges = drawn
          .sort(([a], [b]) => a - b)
          .map(([firstLine, lines]) => ({ firstLine, lines: Math.min(lines, size.height - firstLine) }));
        const seen: StripRange[] = [];
        for await (const strip of image.strips(ranges)) {
          const { firstLine, lines, data, width } = strip;
          seen.push({ firstLine, lines });
          expect(width).toBe(size.width);
          expect(data.buffer.byteLength).toBe(lines * width);
          expect(Buffer.compare(data, part(truth, width, 0, firstLine, width, lines))).toBe(0);
          structuredClone(data, { transfer: [data.buffer as ArrayBuffer] });
        }
        expect(seen).toEqual(ranges);
      }),
      { numRuns: 30 },
    );
  });

  it('outside the image are refused', async () => {
    await expect(image.window(0, 0, 701, 1)).rejects.toThrow(RangeError);
    await expect(image.window(-1, 0, 1, 1)).rejects.toThrow(RangeError);
    const beyond = image.strips([{ firstLine: 800, lines: 101 }]);
    await expect(beyond[Symbol.asyncIterator]().next()).rejects.toThrow('beyond the 900 lines');
  });
});

describe('the description of an image', () => {
  it('names its form and counts the levels of its pyramid', async () => {
    const size = { width: 600, height: 1100 };
    const formats: Record<string, string> = {};
    for (const [name, o] of Object.entries({
      archive: {},
      big: { bigtiff: true },
      flat: { pyramid: false, compression: 'deflate' },
      strips: { tiled: false, compression: 'none' },
    } as const)) {
      const path = join(folder, `${name}.tif`);
      await writePtif(path, size, (line, lines) => texture(size.width, lines, line), o);
      const image = await openRaster(path);
      formats[name] = image.info.format;
      await image.close();
    }
    expect(formats['archive']).toMatch(/^PTIF jpeg 256x256, [45] levels$/);
    expect(formats['big']).toMatch(/^PTIF jpeg 256x256, [45] levels, BigTIFF$/);
    expect(formats['flat']).toBe('TIFF deflate 256x256');
    expect(formats['strips']).toMatch(/^TIFF uncompressed, strips of \d+ lines$/);
  });
});
