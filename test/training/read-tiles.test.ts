import { createHash } from 'node:crypto';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { readDataset } from '../../src/training/dataset.js';
import { fillBatch } from '../../src/training/fill-batch.js';
import { openImage, readImages, readWhole } from '../../src/training/images.js';
import { readTiles } from '../../src/training/read-tiles.js';
import { cutTiles, type TrainingTile } from '../../src/training/tiles.js';
import { temporaryFolder } from './support.js';

const folder = temporaryFolder();
/** Larger than what is decoded at once, so that it is read band by band. */
const LARGE = { width: 5064, height: 3328 };
const large = path.join(folder, 'M100000000LC.tif');
const small = path.join(folder, 'small.png');

/** No two tiles alike, and quickly made. */
function texture(width: number, height: number): Uint8Array {
  let state = 1;
  return new Uint8Array(width * height).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 60 + (state >>> 25);
  });
}

async function write(file: string, width: number, height: number): Promise<void> {
  const image = sharp(texture(width, height), { raw: { width, height, channels: 1 } });
  await (file.endsWith('.png') ? image.png() : image.tiff({ compression: 'none' })).toFile(file);
}

const random = createRandom(1);
const contentOf = ({ image, x, y }: TrainingTile): string => {
  const hash = createHash('sha1');
  for (let row = y; row < y + 64; row++) {
    const from = row * image.width + x;
    hash.update(image.pixels.subarray(from, from + 64));
  }
  return hash.digest('hex');
};

beforeAll(async () => {
  await write(large, LARGE.width, LARGE.height);
  await write(small, 400, 300);
});

async function tilesOf(
  file: string,
  tilesPerImage: number,
  stride: number,
  seed = 1,
): Promise<TrainingTile[]> {
  const image = await openImage({ path: file, name: path.basename(file) }, 1);
  try {
    return await readTiles(image, { stride, tilesPerImage }, createRandom(seed));
  } finally {
    await image.close();
  }
}

describe('the tiles of an image', () => {
  test('are drawn from it alike whether it is kept or only they are', async () => {
    const kept = await tilesOf(small, 40, 16);
    const drawn = await tilesOf(small, 20, 16);
    expect([kept[0]?.image.width, drawn[0]?.image.width]).toEqual([400, 64]);
    const image = await openImage({ path: small, name: 'small.png' }, 1);
    const all = cutTiles(await readWhole(image), 16).map(contentOf);
    expect(new Set(all).size).toBe(all.length);
    for (const tiles of [kept, drawn]) for (const tile of tiles) expect(all).toContain(contentOf(tile));
    expect([kept, drawn].map((tiles) => new Set(tiles.map(contentOf)).size)).toEqual([40, 20]);
  });

  test('depend on the seed alone', async () => {
    const draw = async (seed: number): Promise<string[]> =>
      (await tilesOf(small, 20, 16, seed)).map(contentOf);
    expect(await draw(4)).toEqual(await draw(4));
    expect(await draw(4)).not.toEqual(await draw(5));
  });

  test('of a product of 17 million pixels are all different, all its own, and take no more than their share', async () => {
    const tiles = await tilesOf(large, 300, 64);
    const image = await openImage({ path: large, name: 'large' }, 1);
    const all = new Set(cutTiles(await readWhole(image), 64).map(contentOf));
    await image.close();
    expect(all.size).toBe(77 * 52);
    expect(new Set(tiles.map(contentOf)).size).toBe(300);
    for (const tile of tiles) expect(all.has(contentOf(tile))).toBe(true);
    expect(tiles[0]?.image.pixels.buffer.byteLength).toBe(300 * 64 * 64);
  });

  test('are alike in three channels', async () => {
    const image = await openImage({ path: large, name: 'large' }, 3);
    const [tile] = await readTiles(image, { stride: 64, tilesPerImage: 10 }, createRandom(1));
    await image.close();
    const [grey] = await tilesOf(large, 10, 64);
    const colour = fillBatch([tile!], 'none', random);
    expect(
      fillBatch([grey!], 'none', random).every((v, i) => v === colour[3 * i] && v === colour[3 * i + 2]),
    ).toBe(true);
  });
});

test('calibration sees the middle of a long image, one image at a time', async () => {
  const files = [large, small].map((file) => ({ path: file, name: path.basename(file) }));
  const seen: [string, number][] = [];
  for await (const { name, height, pixels, width } of readImages(files, 1, 512)) {
    expect(pixels).toHaveLength(width * height);
    seen.push([name, height]);
    if (height !== 512) continue;
    const whole = texture(LARGE.width, LARGE.height);
    const from = ((LARGE.height - 512) / 2) * LARGE.width;
    expect(Buffer.compare(pixels, whole.subarray(from, from + pixels.length))).toBe(0);
  }
  expect(seen).toEqual([
    ['M100000000LC.tif', 512],
    ['small.png', 300],
  ]);
});

test('a data set is the same for the same seed, and its digest tells when it is not', async () => {
  const options = { paths: [folder], exclude: [], stride: 64, tilesPerImage: 30, seed: 7, validation: 0.5 };
  const read = (seed: number): ReturnType<typeof readDataset> =>
    readDataset({ ...options, seed }, 1, createRandom(seed));
  const [first, second] = [await read(7), await read(7)];
  expect(first.digest).toBe(second.digest);
  expect((await read(8)).digest).not.toBe(first.digest);
  expect([...first.images.training, ...first.images.validation].sort()).toEqual([
    'M100000000LC.tif',
    'small.png',
  ]);
});
