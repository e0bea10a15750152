import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { RandomStream } from '../simulation/random.js';

const TILE = 256;
const [SHORT, LONG] = [3, 4];

/**
 * Writes a pyramidal TIFF laid out as the archive's, in a few hundred kilobytes at most: all of its tiles are one
 * and the same JPEG, made of noise by the seed.
 */
export async function writeStubPtif(
  path: string,
  { width, height, seed }: { readonly width: number; readonly height: number; readonly seed: number },
): Promise<void> {
  const tile = await jpegTile(seed);
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  const parts = [header, tile];
  let at = header.length + tile.length;
  /** Where the offset of the next directory stands. */
  let link: readonly [part: Buffer, at: number] = [header, 4];
  for (const level of levels(width, height)) {
    const tiles = Math.ceil(level.width / TILE) * Math.ceil(level.height / TILE);
    const offsets = longs(tiles, header.length);
    const counts = longs(tiles, tile.length);
    const [offsetsAt, countsAt] = [at, at + offsets.length];
    const directory = directoryOf([
      [254, LONG, 1, level.reduced ? 1 : 0],
      [256, LONG, 1, level.width],
      [257, LONG, 1, level.height],
      [258, SHORT, 1, 8],
      [259, SHORT, 1, 7],
      [262, SHORT, 1, 1],
      [277, SHORT, 1, 1],
      [322, SHORT, 1, TILE],
      [323, SHORT, 1, TILE],
      // A single value stands in the entry itself.
      [324, LONG, tiles, tiles === 1 ? header.length : offsetsAt],
      [325, LONG, tiles, tiles === 1 ? tile.length : countsAt],
    ]);
    link[0].writeUInt32LE(countsAt + counts.length, link[1]);
    link = [directory, directory.length - 4];
    parts.push(offsets, counts, directory);
    at = countsAt + counts.length + directory.length;
  }
  await writeFile(path, Buffer.concat(parts));
}

function* levels(width: number, height: number) {
  let level = { width, height, reduced: false };
  yield level;
  while (level.width > TILE || level.height > TILE) {
    level = { width: Math.ceil(level.width / 2), height: Math.ceil(level.height / 2), reduced: true };
    yield level;
  }
}

async function jpegTile(seed: number): Promise<Buffer> {
  const random = new RandomStream(seed);
  const pixels = Buffer.alloc(TILE * TILE);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.round(110 + 6 * random.normal());
  const raw = { width: TILE, height: TILE, channels: 1 as const };
  return sharp(pixels, { raw }).toColourspace('b-w').jpeg({ quality: 75 }).toBuffer();
}

function longs(count: number, value: number): Buffer {
  const bytes = Buffer.alloc(4 * count);
  for (let i = 0; i < count; i++) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

type Entry = readonly [tag: number, type: number, count: number, value: number];

/** One directory of a classic TIFF (TIFF 6.0, section 2), without a next one. */
function directoryOf(entries: readonly Entry[]): Buffer {
  const bytes = Buffer.alloc(2 + 12 * entries.length + 4);
  bytes.writeUInt16LE(entries.length, 0);
  entries.forEach(([tag, type, count, value], i) => {
    const at = 2 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    bytes.writeUInt32LE(value, at + 8);
  });
  return bytes;
}
