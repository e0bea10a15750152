import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { describeObjects, type DescribeTools } from '../../src/detection/describe.js';
import { findObjects, type ObjectCandidate } from '../../src/detection/find-objects.js';
import { gridOf, respond, scoresOf, type Planted } from './support.js';

/** Terrain of soft waves with 5 x 4 px bodies, each with its shadow to the right. */
function scene(width: number, height: number, planted: readonly Planted[]): Uint8Array {
  const pixels = new Uint8Array(width * height);
  pixels.forEach((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    pixels[i] = 100 + 15 * Math.sin(x / 40) * Math.cos(y / 33) + ((x * 31 + y * 17) % 7);
  });
  for (const { x, y } of planted) {
    for (let dy = -2; dy < 2; dy++) {
      for (let dx = -2; dx < 9; dx++) {
        const [px, py] = [x + dx, y + dy];
        if (px >= 0 && py >= 0 && px < width && py < height) pixels[py * width + px] = dx < 3 ? 230 : 12;
      }
    }
  }
  return pixels;
}

function tools(pixels: Uint8Array, width: number, height: number, channels = 1) {
  const batches: { count: number; pixels: Uint8Array; valid: Uint8Array }[] = [];
  const reads: number[][] = [];
  const seen: DescribeTools = {
    raster: {
      info: { width, height, format: 'memory', exactNulls: false },
      window: (x, y, w, h) => {
        reads.push([x, y, w, h]);
        expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height).toBe(true);
        const out = new Uint8Array(w * h);
        for (let row = 0; row < h; row++)
          out.set(pixels.subarray((y + row) * width + x, (y + row) * width + x + w), row * w);
        return Promise.resolve(out);
      },
    },
    grid: { size: 64 },
    channels,
    explain: (batch) => {
      batches.push(batch);
      return Promise.resolve({ reconstruction: new Float32Array(batch.pixels.length).fill(0.4) });
    },
    calibrate: (raw) => raw / 2,
    mergeRadiusPx: 12,
  };
  return { seen, batches, reads };
}

function objectsOf(width: number, height: number, planted: readonly Planted[]): ObjectCandidate[] {
  const grid = gridOf(width, height);
  const { parts, raw } = respond(grid, planted);
  return findObjects(grid, parts, scoresOf(raw), { budget: 50, mergeRadiusPx: 12 });
}

/** Grey levels of a PNG. */
const grey = (png: Buffer) => sharp(png).toColourspace('b-w').raw().toBuffer();

const size = async (png: Buffer) => {
  const { width, height, channels, format } = await sharp(png).metadata();
  return { width, height, channels, format };
};

describe('describing objects', () => {
  const planted = [
    { x: 300, y: 400, score: 9 },
    { x: 6, y: 7, score: 8 },
    { x: 592, y: 893, score: 7 },
  ];
  const [width, height] = [600, 900];

  it('gives place, size and outline of each, in order and inside the image', async () => {
    const { seen, reads } = tools(scene(width, height, planted), width, height);
    const detections = await describeObjects(objectsOf(width, height, planted), seen);
    expect(detections.map((d) => d.rankInImage)).toEqual([1, 2, 3]);
    detections.forEach((d, i) => {
      const { x, y, score } = planted[i]!;
      expect(d.score).toBe(score / 2);
      expect(d.peak.sample).toBeCloseTo(x + 0.5, 0);
      expect(d.peak.line).toBeCloseTo(y, 0);
      expect(d).toMatchObject({ widthPx: 5, heightPx: 4, scoreRaw: score });
      for (const p of d.outline) {
        expect(p.sample >= 0 && p.sample <= width && p.line >= 0 && p.line <= height).toBe(true);
      }
    });
    expect(reads).toHaveLength(3);
    expect(reads.map(([, , w, h]) => [w, h])).toEqual([
      [256, 256],
      [256, 256],
      [256, 256],
    ]);
  });

  it('tells a large body once, whose tiles peak at both of its ends', async () => {
    const pixels = scene(width, height, []);
    for (let row = 400; row < 406; row++) pixels.fill(230, row * width + 292, row * width + 308);
    const ends = [
      { x: 293, y: 402, score: 9 },
      { x: 307, y: 403, score: 8 },
      { x: 340, y: 403, score: 7 },
    ];
    const { seen } = tools(pixels, width, height);
    const [best, other, apart] = ends.map(({ x, y, score }, i) => ({
      ...{ rankInImage: i + 1, tile: i, tileX: 256 + 32 * (i % 2), tileY: 384, tileCount: i + 2 },
      ...{ scoreRaw: score, scores: {}, peak: { x, y } },
    }));
    const detections = await describeObjects([best!, other!, apart!], seen);
    expect(detections).toMatchObject([
      { rankInImage: 1, scoreRaw: 9, tileCount: 5, widthPx: 16, peak: { sample: 300, line: 403 } },
      { rankInImage: 2, scoreRaw: 7, tileCount: 4 },
    ]);
    // With no radius only what has the very same place is one.
    expect(await describeObjects([best!, other!], { ...seen, mergeRadiusPx: 0 })).toHaveLength(1);
    expect(await describeObjects([best!, apart!], { ...seen, mergeRadiusPx: 0 })).toHaveLength(2);
  });

  it('draws chips that decode to the sizes they have', async () => {
    const { seen } = tools(scene(width, height, planted), width, height);
    const [first] = await describeObjects(objectsOf(width, height, planted), seen);
    expect(await size(first!.chips.tile)).toEqual({ width: 64, height: 64, channels: 1, format: 'png' });
    expect(await size(first!.chips.reconstruction)).toEqual({
      width: 64,
      height: 64,
      channels: 1,
      format: 'png',
    });
    expect(await size(first!.chips.error)).toEqual({ width: 64, height: 64, channels: 3, format: 'png' });
    expect(await size(first!.chips.context)).toEqual({ width: 256, height: 256, channels: 3, format: 'png' });
    const tile = await grey(first!.chips.tile);
    const pixels = scene(width, height, planted);
    expect(tile[0]).toBe(pixels[first!.tileY * width + first!.tileX]);
    expect((await grey(first!.chips.reconstruction)).every((level) => level === 102)).toBe(true);
  });

  it('shows the whole of an image smaller than the context', async () => {
    const { seen } = tools(scene(100, 80, [{ x: 50, y: 40, score: 9 }]), 100, 80);
    const [only] = await describeObjects(
      [{ rankInImage: 1, tile: 0, tileX: 36, tileY: 16, tileCount: 1, scoreRaw: 9, scores: {}, peak: null }],
      seen,
    );
    expect(await size(only!.chips.context)).toMatchObject({ width: 100, height: 80 });
    // Without a response of its own the peak is where the model fails most: body or shadow.
    expect(Math.abs(only!.peak.sample - 52)).toBeLessThan(8);
    expect(Math.abs(only!.peak.line - 40)).toBeLessThan(4);
  });

  it('keeps lines without data from the model and out of the error', async () => {
    const pixels = scene(width, height, planted);
    pixels.fill(0, 390 * width, 392 * width);
    const { seen, batches } = tools(pixels, width, height);
    const [first] = await describeObjects(objectsOf(width, height, planted).slice(0, 1), seen);
    const { valid, pixels: given } = batches[0]!;
    const row = 390 - first!.tileY;
    expect(valid.reduce((a, b) => a + b, 0)).toBe(62 * 64);
    expect(valid[row * 64]).toBe(0);
    expect(given[row * 64]).toBeGreaterThan(60);
    expect((await grey(first!.chips.tile))[row * 64]).toBe(0);
  });

  it('repeats a grey tile in every channel of the model', async () => {
    const { seen, batches } = tools(scene(width, height, planted), width, height, 3);
    const [first] = await describeObjects(objectsOf(width, height, planted), seen);
    const given = batches[0]!.pixels;
    expect(given).toHaveLength(3 * 3 * 4096);
    expect(given.subarray(0, 4096)).toEqual(given.subarray(8192, 12288));
    expect(first!.widthPx).toBe(5);
  });

  it('asks for many objects in small batches and stops when told to', async () => {
    const { seen, batches } = tools(scene(width, height, planted), width, height);
    const many = Array.from({ length: 40 }, (_, i) => ({
      ...objectsOf(width, height, planted)[0]!,
      rankInImage: i + 1,
    }));
    expect(await describeObjects(many, seen)).toHaveLength(1);
    expect(batches.map((b) => b.count)).toEqual([16, 16, 8]);
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(describeObjects(many, seen, stop)).rejects.toThrow('stopped');
  });
});
