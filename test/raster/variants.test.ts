import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeArrayBuffer } from 'geotiff';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaster } from '../../src/raster/open-raster.js';
import { REAL_DATA, decodedByLibvips, singleStripTiff, texture } from './images.js';
import { existsSync } from 'node:fs';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-variants-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const width = 331;
const height = 611;
const grey = () =>
  sharp(texture(width, height), { raw: { width, height, channels: 1 } }).toColourspace('b-w');

/** Reads by uneven strips and by a window, which must agree. */
async function read(path: string): Promise<Uint8Array> {
  const image = await openRaster(path);
  try {
    const { width: w, height: h } = image.info;
    const out = new Uint8Array(w * h);
    const cut = Math.min(h, 130);
    const ranges = [
      { firstLine: 0, lines: cut },
      { firstLine: cut - 1, lines: h - cut + 1 },
    ];
    for await (const strip of image.strips(ranges)) out.set(strip.data, strip.firstLine * w);
    const x = Math.floor(w / 3);
    const y = Math.floor(h / 2);
    const window = await image.window(x, y, 40, 60);
    for (let line = 0; line < 60; line++) {
      const at = (y + line) * w + x;
      expect(Buffer.compare(window.subarray(line * 40, line * 40 + 40), out.subarray(at, at + 40))).toBe(0);
    }
    return out;
  } finally {
    await image.close();
  }
}

async function put(name: string, data: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, data);
  return path;
}

describe('a TIFF as other programs write it', () => {
  it.each([
    ['LZW tiles', { compression: 'lzw', tile: true, predictor: 'none' }],
    ['LZW strips with a predictor', { compression: 'lzw', predictor: 'horizontal' }],
    ['Deflate tiles with a predictor', { compression: 'deflate', tile: true, predictor: 'horizontal' }],
    ['PackBits strips', { compression: 'packbits' }],
    ['tiles of another shape', { compression: 'jpeg', tile: true, tileWidth: 128, tileHeight: 64 }],
    ['white as zero', { compression: 'deflate', miniswhite: true }],
  ] as const)('with %s reads as libvips reads it', async (name, options) => {
    const path = await put(`${name}.tif`, await grey().tiff(options).toBuffer());
    expect(Buffer.compare(await read(path), await decodedByLibvips(path))).toBe(0);
  });

  it('in one strip, big-endian, reads exactly', async () => {
    const pixels = texture(width, height);
    const path = await put(
      'one.tif',
      Buffer.from(writeArrayBuffer(pixels, { width, height, GeographicTypeGeoKey: 32767 })),
    );
    expect(Buffer.compare(await read(path), pixels)).toBe(0);
  });

  it.each(['jpeg', 'deflate', 'none'])(
    'in colour, %s, is made grey as libvips does it',
    async (compression) => {
      const rgb = Uint8Array.from({ length: 300 * 300 * 3 }, (_, i) => (i * 31 + ((i / 900) | 0) * 7) & 255);
      const raw = { width: 300, height: 300, channels: 3 } as const;
      const path = await put(
        `rgb-${compression}.tif`,
        await sharp(rgb, { raw }).tiff({ compression, tile: true }).toBuffer(),
      );
      expect(Buffer.compare(await read(path), await decodedByLibvips(path))).toBe(0);
    },
  );

  it('in one JPEG strip too large for memory is read through a temporary file', async () => {
    const size = { width: 4000, height: 8500 };
    const data = repeated(size.width, size.height);
    const strip = await sharp(data, { raw: { ...size, channels: 1 } })
      .toColourspace('b-w')
      .jpeg({ quality: 80 })
      .toBuffer();
    const path = await put('huge-strip.tif', jpegInTiff(strip, size));
    const image = await openRaster(path);
    expect(image.info.format).toBe('TIFF jpeg, strips of 8500 lines');
    const window = await image.window(3000, 8000, 100, 100);
    const truth = await sharp(strip)
      .extract({ left: 3000, top: 8000, width: 100, height: 100 })
      .toColourspace('b-w')
      .raw()
      .toBuffer();
    expect(Buffer.compare(window, truth)).toBe(0);
    await image.close();
  });
});

describe('a PNG', () => {
  it('of grey reads exactly', async () => {
    const path = await put('grey.png', await grey().png().toBuffer());
    expect(Buffer.compare(await read(path), texture(width, height))).toBe(0);
  });

  it.each([
    ['colour', 3, {}],
    ['colour and alpha', 4, {}],
    ['a palette', 3, { palette: true }],
    ['interlaced lines', 3, { progressive: true }],
  ] as const)('with %s of equal channels keeps its values', async (name, channels, options) => {
    const data = Uint8Array.from({ length: 200 * 190 * channels }, (_, i) =>
      i % channels === 3 ? 77 : (Math.floor(i / channels / 200) * 4) % 200,
    );
    const png = await sharp(data, { raw: { width: 200, height: 190, channels } })
      .png(options)
      .toBuffer();
    const pixels = await read(await put(`${name}.png`, png));
    expect(pixels.every((value, i) => value === (Math.floor(i / 200) * 4) % 200)).toBe(true);
  });

  it('keeps its values whatever colour profile is embedded', async () => {
    const png = await grey().withIccProfile('p3', { attach: true }).png().toBuffer();
    const path = await put('profile.png', png);
    expect(Buffer.compare(await read(path), await decodedByLibvips(path))).toBe(0);
  });

  it('too large for memory is read through a temporary file that leaves nothing behind', async () => {
    const size = { width: 4200, height: 4200 };
    const data = repeated(size.width, size.height);
    const png = await sharp(data, { raw: { ...size, channels: 1 } })
      .toColourspace('b-w')
      .png({ compressionLevel: 1 })
      .toBuffer();
    const image = await openRaster(await put('large.png', png));
    const strip = await image
      .strips([{ firstLine: 4100, lines: 100 }])
      [Symbol.asyncIterator]()
      .next();
    expect(Buffer.compare((strip.value as { data: Uint8Array }).data, data.subarray(4100 * 4200))).toBe(0);
    await image.close();
  });
});

const crops = join(REAL_DATA, 'nac');
describe.skipIf(!existsSync(crops))(`real NAC crops (${crops})`, () => {
  it('read as libvips reads them', async () => {
    const path = join(crops, 'M143947267L_crop400_8bit_IoF0-0.27.png');
    expect(Buffer.compare(await read(path), await decodedByLibvips(path))).toBe(0);
  });
});

/** Large images quickly: the same 100 lines over and over. */
function repeated(w: number, h: number): Uint8Array {
  const lines = texture(w, 100);
  const data = new Uint8Array(w * h);
  for (let y = 0; y < h; y += 100) data.set(lines.subarray(0, Math.min(100, h - y) * w), y * w);
  return data;
}

/** A classic TIFF of one JPEG strip, as some scanners' programs write it. */
function jpegInTiff(strip: Uint8Array, size: { width: number; height: number }): Uint8Array {
  const entries = [
    [256, size.width],
    [257, size.height],
    [258, 8],
    [259, 7],
    [262, 1],
    [277, 1],
    [278, size.height],
  ] as const;
  return singleStripTiff(entries, strip);
}
