import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RasterSource } from '../../src/domain/raster.js';
import { createRandom } from '../../src/domain/random.js';
import { bytesInMemory } from '../../src/raster/byte-source.js';
import { jpegFault } from '../../src/raster/jpeg-check.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { readTiffDirectory } from '../../src/raster/tiff-directory.js';
import { texture } from './images.js';

const SIZE = 512;
const raw = { width: SIZE, height: SIZE, channels: 1 as const };

const open = (data: Uint8Array) => openRaster(bytesInMemory('/nowhere/image.tif', data));
const whole = { firstLine: 0, lines: SIZE };

async function pixelsOf(image: RasterSource): Promise<Uint8Array> {
  for await (const strip of image.strips([whole])) return strip.data;
  throw new Error('no strip');
}

describe('a TIFF of JPEG tiles', () => {
  let good: Buffer;
  /** The entropy-coded data of its second tile. */
  let tile: { from: number; to: number };
  const damaged = (change: (data: Buffer) => void): Buffer => {
    const copy = Buffer.from(good);
    change(copy.subarray(tile.from, tile.to));
    return copy;
  };

  beforeAll(async () => {
    good = await sharp(texture(SIZE, SIZE), { raw })
      .toColourspace('b-w')
      .tiff({ compression: 'jpeg', quality: 80, tile: true, tileWidth: 256, tileHeight: 256 })
      .toBuffer();
    const d = await readTiffDirectory(bytesInMemory('/nowhere/image.tif', good));
    const begin = d.offsets[1]!;
    const end = begin + d.byteCounts[1]!;
    tile = { from: good.indexOf('ffda', begin, 'hex') + 10, to: end - 2 };
    expect(tile.to - tile.from).toBeGreaterThan(2000);
  });

  it('reads the same by windows, which are decoded with care, as by strips', async () => {
    const image = await open(good);
    expect(Buffer.compare(await image.window(0, 0, SIZE, SIZE), await pixelsOf(image))).toBe(0);
    const [part, all] = [await image.window(200, 100, 100, 300), await pixelsOf(image)];
    expect(part[0]).toBe(all[100 * SIZE + 200]);
    expect(part.at(-1)).toBe(all[399 * SIZE + 299]);
  });

  it('is refused where a hole of zeros lies in one', async () => {
    const image = await open(damaged((data) => data.fill(0, 700, 900)));
    await expect(pixelsOf(image)).rejects.toMatchObject({
      code: 'undecodable',
      message:
        '/nowhere/image.tif is damaged: its block at line 0, sample 256 is JPEG data with a hole of zeros; fetch the file again.',
    });
  });

  it('is refused where a window shows noise in one, though its markers are whole', async () => {
    // Of random bytes some decode without a warning: these do not.
    const random = createRandom(1);
    const noise = Uint8Array.from({ length: 300 }, () => random.integer(255));
    const image = await open(damaged((data) => data.set(noise, 700)));
    // A strip comes: telling it there would slow all decoding.
    await expect(pixelsOf(image)).resolves.toHaveLength(SIZE * SIZE);
    await expect(image.window(0, 300, 64, 64)).resolves.toHaveLength(64 * 64);
    await expect(image.window(300, 20, 64, 64)).rejects.toThrow(
      /image\.tif is damaged: its JPEG data within lines 0 to 255, samples 256 to 511 are not as .*; fetch the file again\.$/,
    );
  });
});

describe('zeros in a JPEG', () => {
  it('are no hole where they are the shortest codes of flat ground', async () => {
    const flat = await sharp(Buffer.alloc(SIZE * SIZE, 128), { raw })
      .toColourspace('b-w')
      .jpeg({ mozjpeg: false, optimiseCoding: true, progressive: false })
      .toBuffer();
    expect(flat.includes(Buffer.alloc(32))).toBe(true);
    expect(jpegFault(flat, SIZE, [SIZE])).toBeNull();
  });
});
