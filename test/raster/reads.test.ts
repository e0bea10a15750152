import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/domain/bytes.js';
import { openFile } from '../../src/raster/byte-source.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { texture } from './images.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-reads-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A source that counts what is asked of it. */
async function counting(path: string): Promise<{ bytes: ByteSource; reads: number[] }> {
  const file = await openFile(path);
  const reads: number[] = [];
  const read = (offset: number, length: number) => {
    reads.push(length);
    return file.read(offset, length);
  };
  return { bytes: { ...file, read }, reads };
}

describe('an image that lies on a server', () => {
  const size = { width: 5064, height: 4096 };
  const forms = {
    'pyramidal JPEG': {},
    'tiled Deflate': { compression: 'deflate', pyramid: false },
    strips: { compression: 'none', tiled: false, pyramid: false },
  } as const;

  it.each(Object.entries(forms))('is read by few requests: %s', async (name, form) => {
    const path = join(folder, `${name}.tif`);
    await writePtif(path, size, (line, lines) => texture(size.width, lines, line), form);
    const { bytes, reads } = await counting(path);
    const image = await openRaster(bytes);
    const opening = reads.length;
    const ranges = Array.from({ length: 16 }, (_, i) => ({
      firstLine: 256 * i,
      lines: Math.min(320, size.height - 256 * i),
    }));
    for await (const strip of image.strips(ranges)) void strip;
    const streaming = reads.length - opening;
    const before = reads.length;
    await image.window(2400, 1900, 256, 256);
    const window = reads.length - before;
    await image.close();
    console.info(`${name}: ${opening} reads to open, ${streaming} to stream, ${window} for a window`);
    expect(opening).toBeLessThanOrEqual(16);
    // One for every 256 lines.
    expect(streaming).toBeLessThanOrEqual(17);
    expect(window).toBeLessThanOrEqual(4);
  });
});
