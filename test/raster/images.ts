import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';

sharp.cache(false);

/** Smooth ground with texture and sharp spots: JPEG has something to lose, Deflate something to pack. */
export function texture(width: number, height: number, firstLine = 0): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const line = y + firstLine;
    for (let x = 0; x < width; x++) {
      const ground = 110 + 60 * Math.sin(x / 23) * Math.cos(line / 31);
      const grain = ((x * 73_856_093) ^ (line * 19_349_663)) & 15;
      data[y * width + x] = Math.round(ground + grain);
    }
  }
  return data;
}

/** All pixels by libvips from the file itself: a reader that shares none of this room's code. */
export async function decodedByLibvips(path: string): Promise<Uint8Array> {
  return sharp(path, { limitInputPixels: false, ignoreIcc: true }).toColourspace('b-w').raw().toBuffer();
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'raster-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Where the real data lie; tests that need them are skipped when they are absent. */
export const REAL_DATA = join(import.meta.dirname, '../../../shared/data');

/** A little-endian classic TIFF of one strip, which follows the directory of `entries` (tag, LONG value). */
export function singleStripTiff(entries: readonly (readonly [number, number])[], strip: Uint8Array): Buffer {
  const stripOffset = 8 + 2 + (entries.length + 2) * 12 + 4;
  const all = [...entries, [273, stripOffset] as const, [279, strip.length] as const];
  all.sort(([a], [b]) => a - b);
  const head = Buffer.alloc(stripOffset);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(all.length, 8);
  all.forEach(([tag, value], i) => {
    head.writeUInt16LE(tag, 10 + 12 * i);
    head.writeUInt16LE(4, 12 + 12 * i);
    head.writeUInt32LE(1, 14 + 12 * i);
    head.writeUInt32LE(value, 18 + 12 * i);
  });
  return Buffer.concat([head, strip]);
}
