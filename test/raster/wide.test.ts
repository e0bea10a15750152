import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { writeArrayBuffer } from 'geotiff';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { DEFAULT_STRETCH, type Strip, type StretchRule } from '../../src/domain/raster.js';
import { bytesInMemory } from '../../src/raster/byte-source.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { levelOf, type Stretch } from '../../src/raster/stretch.js';
import { stretchedRaster, type GreyImage, type WideSource } from '../../src/raster/wide-raster.js';
import { decodedByLibvips, REAL_DATA, singleStripTiff } from './images.js';
import { differenceOf, expectedGrey, readGrey, readSamples } from './stretched.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-wide-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, data: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, data);
  return path;
}

/** Samples in memory, as a reader of a format offers them. */
function inMemory(width: number, samples: Float32Array): WideSource {
  const height = samples.length / width;
  const numbers = (x: number, y: number, w: number, h: number): Promise<Float32Array> =>
    Promise.resolve(
      Float32Array.from({ length: w * h }, (_, i) => samples[(y + Math.floor(i / w)) * width + x + (i % w)]!),
    );
  const grey = (stretch: Stretch): GreyImage => {
    const greyWindow: GreyImage['window'] = async (...at) =>
      Uint8Array.from(await numbers(...at), (value) => levelOf(stretch, value));
    return {
      window: greyWindow,
      decodeBand: (index) => greyWindow(0, index * 7, width, Math.min(7, height - index * 7)),
    };
  };
  return {
    ...{ width, height, format: 'memory', bandLines: 7, blockLines: 1, numbers, grey },
    close: () => Promise.resolve(),
  };
}

async function greyOf(
  width: number,
  samples: Float32Array,
  rule: StretchRule = DEFAULT_STRETCH,
): Promise<Uint8Array> {
  const raster = await stretchedRaster(inMemory(width, samples), rule);
  const strips = raster.strips([{ firstLine: 0, lines: raster.info.height }]);
  const strip = await strips[Symbol.asyncIterator]().next();
  expect(raster.info.exactNulls).toBe(true);
  return (strip.value as Strip).data;
}

const samplesOf = (random: readonly number[]): Float32Array =>
  Float32Array.from({ length: 40 * 30 }, (_, i) => {
    const drawn = random[i % random.length]!;
    return drawn < 0.01 ? NaN : Math.round(3000 + 900 * Math.sin(i / 9) + 4000 * drawn * drawn);
  });

describe('samples wider than 8 bits as grey levels', () => {
  it('follow the percentiles, as worked out anew', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 97 }),
        async (random) => {
          const samples = samplesOf(random);
          expect(Array.from(await greyOf(40, samples))).toEqual(expectedGrey(samples));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('do not change when all samples are scaled and shifted', async () => {
    const changes = fc.record({
      random: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 97 }),
      exponent: fc.integer({ min: -20, max: 10 }),
      scale: fc.double({ min: 1e-5, max: 100, noNaN: true }),
      shift: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(changes, async ({ random, exponent, scale, shift }) => {
        const samples = samplesOf(random);
        const grey = await greyOf(40, samples);
        // A power of two loses nothing; another factor rounds in single precision, which can move a sample
        // that lies between two levels.
        const doubled = samples.map((value) => value * 2 ** exponent + 2 ** exponent);
        expect(differenceOf(await greyOf(40, doubled), grey).most).toBe(0);
        const reflectance = samples.map((value) => scale * (value + shift * 1000));
        const { most, share } = differenceOf(await greyOf(40, reflectance), grey);
        expect(most).toBeLessThanOrEqual(1);
        expect(share).toBeLessThan(0.01);
      }),
      { numRuns: 60 },
    );
  });

  it('keep no data, saturation and plain images apart', async () => {
    const samples = Float32Array.of(NaN, -Infinity, Infinity, 5, 6, 7);
    expect(Array.from(await greyOf(3, samples))).toEqual([0, 1, 255, 1, 86, 170]);
    expect(Array.from(await greyOf(3, new Float32Array(6).fill(4)))).toEqual(new Array(6).fill(128));
    expect(Array.from(await greyOf(3, new Float32Array(6).fill(NaN)))).toEqual(new Array(6).fill(0));
    // One bright body of a few pixels on ground of one level stays visible.
    const body = new Float32Array(4000).fill(1);
    body[7] = 9;
    const grey = await greyOf(40, body);
    expect([grey[0], grey[7]]).toEqual([1, 170]);
  });

  it('leave the masked columns of the detector out of the percentiles', async () => {
    const width = 5064;
    const ground = Float32Array.from({ length: 6 * width }, (_, i) => 100 + (i % 50));
    const masked = ground.map((value, i) => (i % width < 64 || i % width >= 5024 ? -999 : value));
    const [a, b] = [await greyOf(width, ground), await greyOf(width, masked)];
    expect(Buffer.compare(a.subarray(64, 5024), b.subarray(64, 5024))).toBe(0);
  });

  it('are measured on lines from the first to the last of a tall image, each once', async () => {
    const lines: number[] = [];
    const width = 3;
    const tall = inMemory(
      width,
      Float32Array.from({ length: 9000 * width }, (_, i) => i),
    );
    const raster = await stretchedRaster(
      {
        ...tall,
        numbers: (x, y, w, h) => {
          for (let line = y; line < y + h; line++) lines.push(line);
          return tall.numbers(x, y, w, h);
        },
      },
      DEFAULT_STRETCH,
    );
    expect(lines).toEqual([]);
    await raster.window(0, 5, 2, 2);
    expect(lines.length).toBe(256);
    expect(new Set(lines).size).toBe(256);
    expect([Math.min(...lines), Math.max(...lines)]).toEqual([0, 8999]);
  });

  it('are clipped at black and white', () => {
    const stretch = { black: 10, white: 20 };
    expect([-50, 10, 15, 20, 99].map((value) => levelOf(stretch, value))).toEqual([1, 1, 128, 255, 255]);
  });
});

describe('16 bits as libvips writes them', () => {
  const [width, height] = [331, 243];
  const data = Uint16Array.from({ length: width * height }, (_, i) => {
    const ground = 9000 + 2000 * Math.sin((i % width) / 23) * Math.cos(i / width / 31);
    return Math.round(ground + (((i % width) * 73_856_093) & 255));
  });
  const image = () => sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('grey16');
  const grey = Uint8Array.from(expectedGrey(data));

  it.each([
    ['LZW tiles', { compression: 'lzw', tile: true, predictor: 'none' }],
    ['LZW strips with a predictor', { compression: 'lzw', predictor: 'horizontal' }],
    ['Deflate tiles with a predictor', { compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 32 }],
    ['a pyramid', { compression: 'deflate', tile: true, pyramid: true, bigtiff: true }],
    ['PackBits', { compression: 'packbits' }],
    ['no compression', { compression: 'none' }],
    ['white as zero', { compression: 'deflate', miniswhite: true }],
  ] as const)('read exactly with %s', async (name, options) => {
    const path = await put(`${name}.tif`, await image().tiff(options).toBuffer());
    const inverted = 'miniswhite' in options;
    const samples = await readSamples(path);
    expect(differenceOf(inverted ? samples.map((value) => value + 65_535) : samples, data).most).toBe(0);
    expect(differenceOf(await readGrey(path), grey).most).toBe(0);
  });

  it('read the same from a PNG', async () => {
    const path = await put('deep.png', await image().png().toBuffer());
    const raster = await openRaster(path);
    expect(raster.info).toMatchObject({ format: 'PNG uint16', exactNulls: true });
    await raster.close();
    expect(differenceOf(await readGrey(path), grey).most).toBe(0);
  });
});

describe('floating-point samples in one strip', () => {
  it('read exactly, big-endian', async () => {
    const [width, height] = [70, 700];
    const samples = Float32Array.from({ length: width * height }, (_, i) => 0.1 + 0.05 * Math.sin(i / 17));
    const data = writeArrayBuffer(samples, { width, height, GeographicTypeGeoKey: 32767 });
    const path = await put('float.tif', Buffer.from(data));
    expect(differenceOf(await readSamples(path), samples).most).toBe(0);
  });
});

describe('an image in one strip too large for memory', () => {
  it('reads exactly through a temporary file', async () => {
    const [width, height] = [5064, 7000];
    const samples = new Int16Array(width * height);
    const packed = new Int16Array(width * height);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        samples[i] = x + 3 * y;
        packed[i] = x === 0 ? 3 * y : 1;
      }
    }
    const strip = deflateSync(Buffer.from(packed.buffer), { level: 1 });
    const path = await put('huge.tif', oneStrip(strip, { width, height, predictor: 2 }));
    const image = await openRaster(path, { stretch: { ...DEFAULT_STRETCH, low: 0, high: 100 } });
    expect(image.info.format).toBe('TIFF deflate int16, strips of 7000 lines');
    const window = await image.window(3000, 6900, 100, 100);
    const most = samples.at(-1)!;
    const expected = Array.from({ length: 10_000 }, (_, i) => {
      const value = samples[(6900 + Math.floor(i / 100)) * width + 3000 + (i % 100)]!;
      return 1 + Math.floor(((value - 64) / (1.5 * (most - 40 - 64))) * 254 + 0.5);
    });
    expect(differenceOf(window, expected).most).toBeLessThanOrEqual(1);
    await image.close();
  });
});

describe('damage in wide samples', () => {
  it('ends in a sentence or in pixels, never in a crash', async () => {
    const samples = Float32Array.from({ length: 120 * 90 }, (_, i) => Math.sin(i / 40));
    const good = Buffer.from(
      await sharp(
        Uint16Array.from(samples, (v) => 3000 + 1000 * v),
        {
          raw: { width: 120, height: 90, channels: 1 },
        },
      )
        .toColourspace('grey16')
        .tiff({ compression: 'lzw', tile: true, tileWidth: 64, tileHeight: 32 })
        .toBuffer(),
    );
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(flips, async (drawn) => {
        const data = Buffer.from(good);
        for (const [at, value] of drawn) data[at] = value;
        try {
          const image = await openRaster(bytesInMemory('flipped.tif', data));
          const { width, height } = image.info;
          await image.window(0, 0, Math.min(width, 500), Math.min(height, 500));
          await image.close();
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidProductError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a PNG that is no file of this machine', () => {
  it('reads by a copy', async () => {
    const pixels = Uint8Array.from({ length: 50 * 40 }, (_, i) => i % 251);
    const png = await sharp(pixels, { raw: { width: 50, height: 40, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const image = await openRaster(bytesInMemory('https://example.org/a.png', png));
    expect(Buffer.compare(await image.window(0, 0, 50, 40), pixels)).toBe(0);
    await image.close();
  });
});

/** A little-endian TIFF of 16-bit signed samples in one Deflate strip. */
function oneStrip(
  strip: Uint8Array,
  { width, height, predictor }: { width: number; height: number; predictor: number },
): Buffer {
  const entries = [
    [256, width],
    [257, height],
    [258, 16],
    [259, 8],
    [262, 1],
    [277, 1],
    [278, height],
    [317, predictor],
    [339, 2],
  ] as const;
  return singleStripTiff(entries, strip);
}

const crop = join(REAL_DATA, 'nac/M143947267L_crop400_float32.tif');
describe.skipIf(!existsSync(crop))(`a real crop of reflectance (${crop})`, () => {
  it('looks as its 8-bit neighbour does', async () => {
    const grey = await readGrey(crop);
    const neighbour = await decodedByLibvips(crop.replace('float32.tif', '8bit_IoF0-0.27.png'));
    expect(correlation(grey, neighbour)).toBeGreaterThan(0.9995);
    expect(grey.every((level) => level > 0)).toBe(true);
  });
});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - ma, b[i]! - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}
