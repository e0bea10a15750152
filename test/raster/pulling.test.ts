import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRaster } from '../../src/raster/open-raster.js';
import { pullStrips, type BandImage } from '../../src/raster/pull-strips.js';
import { StripRing } from '../../src/raster/strip-ring.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { texture } from './images.js';

/** An image of 10 bands of 8 lines that notes what was decoded. */
function noted(): BandImage & { decoded: number[] } {
  const decoded: number[] = [];
  const decodeBand = async (index: number) => {
    decoded.push(index);
    await pause(1);
    return new Uint8Array(4 * 8).fill(index);
  };
  return { width: 4, height: 80, bandLines: 8, decodeBand, decoded };
}

const overlapping = Array.from({ length: 10 }, (_, i) => ({ firstLine: i * 8, lines: i < 9 ? 12 : 8 }));

describe('pulling strips', () => {
  it('decodes each band once, whatever the overlap', async () => {
    const image = noted();
    for await (const strip of pullStrips(image, overlapping)) {
      expect(strip.data[0]).toBe(strip.firstLine / 8);
    }
    expect(image.decoded).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('decodes one strip ahead of its caller and no more', async () => {
    const image = noted();
    const strips = pullStrips(image, overlapping);
    await strips.next();
    await pause(30);
    expect(image.decoded).toEqual([0, 1, 2]);
    await strips.next();
    await pause(30);
    expect(image.decoded).toEqual([0, 1, 2, 3]);
    await strips.return();
  });

  it('asks for no range before it is needed', async () => {
    let asked = 0;
    const ranges = (function* () {
      for (const range of overlapping) {
        asked += 1;
        yield range;
      }
    })();
    const strips = pullStrips(noted(), ranges);
    expect(asked).toBe(0);
    await strips.next();
    expect(asked).toBe(2);
    await strips.return();
  });

  it('writes into buffers that are given back, and into no other', async () => {
    const ring = new StripRing();
    const seen = new Set<ArrayBufferLike>();
    for await (const strip of pullStrips(noted(), overlapping, undefined, ring)) {
      expect([strip.data[0], strip.data[4 * 8 - 1], strip.data.length]).toEqual([
        strip.firstLine / 8,
        strip.firstLine / 8,
        strip.lines * 4,
      ]);
      seen.add(strip.data.buffer);
      ring.give(strip.data);
      ring.give(strip.data);
      ring.give(new Uint8Array(new SharedArrayBuffer(1000)));
    }
    expect([...seen].map((buffer) => buffer.byteLength)).toEqual([48, 48]);
  });

  it('keeps the pixels of a strip that is not given back', async () => {
    const ring = new StripRing();
    const strips = [];
    for await (const strip of pullStrips(noted(), overlapping, undefined, ring)) strips.push(strip);
    expect(new Set(strips.map(({ data }) => data.buffer)).size).toBe(10);
    expect(strips.map(({ data }) => data[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('ends with the reason of an abort, and decodes nothing more', async () => {
    const image = noted();
    const abort = new AbortController();
    const strips = pullStrips(image, overlapping, abort.signal);
    await strips.next();
    abort.abort(new Error('shutting down'));
    await expect(strips.next()).rejects.toThrow('shutting down');
    const decoded = image.decoded.length;
    await pause(20);
    expect(image.decoded.length).toBe(decoded);
  });

  it('hands over the error of a band and of nothing else', async () => {
    const image: BandImage = {
      ...noted(),
      decodeBand: (index) =>
        index === 2 ? Promise.reject(new Error('band 2')) : Promise.resolve(new Uint8Array(32)),
    };
    const strips = pullStrips(
      image,
      [0, 8, 16].map((firstLine) => ({ firstLine, lines: 8 })),
    );
    await strips.next();
    await pause(10);
    expect((await strips.next()).done).toBe(false);
    await expect(strips.next()).rejects.toThrow('band 2');
  });
});

describe('a tall image', () => {
  let folder: string;
  const size = { width: 5064, height: 16384 };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'raster-tall-'));
    const band = texture(size.width, 256);
    await writePtif(join(folder, 'tall.tif'), size, () => band, { pyramid: false });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('was written without leaving a temporary file', async () => {
    expect(await readdir(folder)).toEqual(['tall.tif']);
  });

  it('is read strip by strip without being held in memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    const image = await openRaster(join(folder, 'tall.tif'));
    const ranges = Array.from({ length: 64 }, (_, i) => ({ firstLine: i * 256, lines: i < 63 ? 320 : 256 }));
    const before = used();
    const after: number[] = [];
    for await (const strip of image.strips(ranges)) {
      expect(strip.data.length).toBe(strip.lines * size.width);
      after.push(used() - before);
    }
    await image.close();
    expect(after).toHaveLength(64);
    // The image has 79 MiB; two strips, the bands below them and their compressed tiles have 8.
    expect(Math.max(...after) / 2 ** 20).toBeLessThan(12);
  });
});
