import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestFirst, candidateTiles } from '../../src/detection/candidates.js';
import { findObjects } from '../../src/detection/find-objects.js';
import { mergeTiles } from '../../src/detection/merge.js';
import { gridOf, respond, scoresOf, type Planted } from './support.js';

const options = { budget: 50, mergeRadiusPx: 12 };

function find(planted: Planted[], width = 640, height = 960, o = options, stride = 32) {
  const grid = gridOf(width, height, stride);
  const { parts, raw } = respond(grid, planted);
  return findObjects(grid, parts, scoresOf(raw), o);
}

describe('finding objects', () => {
  it('makes one object of all the tiles that see one thing', () => {
    const [object, ...others] = find([{ x: 200, y: 300, score: 9 }]);
    expect(others).toEqual([]);
    expect(object).toMatchObject({ rankInImage: 1, tileCount: 4, scoreRaw: 9, peak: { x: 200, y: 300 } });
    expect(object?.scores).toEqual({ b: 9, l2: 18 });
  });

  it('does so in the corners and along flush borders', () => {
    for (const [x, y] of [
      [5, 5],
      [650, 5],
      [5, 970],
      [650, 970],
      [640, 500],
      [630, 940],
    ] as const) {
      const objects = find([{ x, y, score: 9 }], 655, 977);
      expect(objects).toHaveLength(1);
      expect(objects[0]?.peak).toEqual({ x, y });
    }
  });

  it('does so for any stride, also where tiles only touch', () => {
    for (const stride of [8, 16, 32, 48, 64]) {
      expect(find([{ x: 203, y: 301, score: 9 }], 640, 960, options, stride)).toHaveLength(1);
    }
    const grid = gridOf(640, 960, 64);
    const { parts, raw } = respond(grid, [
      { x: 60, y: 100, score: 9 },
      { x: 67, y: 100, score: 8 },
    ]);
    expect(findObjects(grid, parts, scoresOf(raw), options)).toHaveLength(1);
  });

  it('keeps two things in one tile apart when their peaks are, and joins them when they are near', () => {
    expect(
      find([
        { x: 200, y: 300, score: 9 },
        { x: 240, y: 300, score: 8 },
      ]),
    ).toHaveLength(2);
    expect(
      find([
        { x: 200, y: 300, score: 9 },
        { x: 208, y: 300, score: 8 },
      ]),
    ).toHaveLength(1);
  });

  it('does not make one blob of a boulder field', () => {
    const boulders = Array.from({ length: 100 }, (_, i) => ({
      x: 150 + (i % 10) * 32 + ((i * 7) % 5),
      y: 150 + Math.floor(i / 10) * 32 + ((i * 3) % 5),
      score: 5 + ((i * 37) % 100) / 20,
    }));
    const objects = find(boulders, 640, 960, { ...options, budget: 200 });
    expect(objects.length).toBeGreaterThan(40);
    expect(Math.max(...objects.map((o) => o.tileCount))).toBeLessThanOrEqual(6);
  });

  it('keeps the best of the budget, best first, ranked from 1', () => {
    const planted = Array.from({ length: 30 }, (_, i) => ({
      x: 64 + (i % 5) * 110,
      y: 64 + Math.floor(i / 5) * 140,
      score: 4 + i,
    }));
    const objects = find(planted, 640, 960, { ...options, budget: 10 });
    expect(objects.map((o) => o.scoreRaw)).toEqual([33, 32, 31, 30, 29, 28, 27, 26, 25, 24]);
    expect(objects.map((o) => o.rankInImage)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('breaks ties by the unclipped response, then in reading order', () => {
    const tri = Float32Array.from([1, 3, 2, 3]);
    const raw = Float32Array.from([12, 12, 12, 12]);
    expect([0, 1, 2, 3].sort(bestFirst({ tri }, raw))).toEqual([1, 3, 2, 0]);
  });

  it('takes no masked tile, and nothing at all of an image that is masked or plain', () => {
    const grid = gridOf(640, 960);
    const { parts, raw } = respond(grid, [{ x: 200, y: 300, score: 9 }]);
    const masked = raw.map((v) => (v > 4 ? NaN : v));
    expect(findObjects(grid, parts, scoresOf(masked), options)).toEqual([]);
    expect(findObjects(grid, parts, scoresOf(raw.map(() => NaN)), options)).toEqual([]);
    expect(candidateTiles(scoresOf(Float32Array.from([NaN, 1, 2, 3, 2, 1, 2, 90, NaN])))).toEqual([7]);
    expect(find([])).toEqual([]);
  });

  it('knows no peak where the sun-directed response is at its floor', () => {
    const grid = gridOf(640, 960);
    const { parts, raw } = respond(grid, []);
    raw[40] = 9;
    expect(findObjects(grid, parts, scoresOf(raw), options)).toMatchObject([{ tile: 40, peak: null }]);
  });
});

describe('merging', () => {
  const scenes = fc.record({
    width: fc.integer({ min: 64, max: 400 }),
    height: fc.integer({ min: 64, max: 400 }),
    stride: fc.constantFrom(16, 32, 40, 64),
    seed: fc.array(fc.tuple(fc.nat(), fc.nat({ max: 63 }), fc.nat({ max: 63 })), {
      minLength: 1,
      maxLength: 60,
    }),
    radius: fc.integer({ min: 0, max: 30 }),
  });

  const build = (s: { width: number; height: number; stride: number; seed: [number, number, number][] }) => {
    const grid = gridOf(s.width, s.height, s.stride);
    const count = grid.xs.length * grid.ys.length;
    const peakX = new Uint8Array(count);
    const peakY = new Uint8Array(count);
    const tiles = new Set<number>();
    for (const [at, x, y] of s.seed) {
      const tile = at % count;
      tiles.add(tile);
      [peakX[tile], peakY[tile]] = [x, y];
    }
    return { grid, parts: { peakX, peakY }, tiles: [...tiles] };
  };

  it('gives the same groups in whatever order tiles come', () => {
    fc.assert(
      fc.property(
        scenes.chain((s) => {
          const scene = build(s);
          return fc.record({
            scene: fc.constant(scene),
            radius: fc.constant(s.radius),
            shuffled: fc.shuffledSubarray(scene.tiles, { minLength: scene.tiles.length }),
          });
        }),
        ({ scene, radius, shuffled }) => {
          const straight = mergeTiles(scene.grid, scene.parts, scene.tiles, radius);
          expect(mergeTiles(scene.grid, scene.parts, shuffled, radius)).toEqual(straight);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('puts each tile into one group, and joins exactly what a search over all pairs joins', () => {
    fc.assert(
      fc.property(scenes, (s) => {
        const { grid, parts, tiles } = build(s);
        const groups = mergeTiles(grid, parts, tiles, s.radius);
        expect(groups.flat().sort((a, b) => a - b)).toEqual([...tiles].sort((a, b) => a - b));
        const place = (t: number) => ({
          x: grid.xs[t % grid.xs.length]!,
          y: grid.ys[Math.floor(t / grid.xs.length)]!,
        });
        const linked = (a: number, b: number) => {
          const [p, q] = [place(a), place(b)];
          const dx = p.x + parts.peakX[a]! - q.x - parts.peakX[b]!;
          const dy = p.y + parts.peakY[a]! - q.y - parts.peakY[b]!;
          return Math.abs(p.x - q.x) <= 64 && Math.abs(p.y - q.y) <= 64 && Math.hypot(dx, dy) <= s.radius;
        };
        // Spread labels until nothing changes: slow, but plain.
        const label = new Map(tiles.map((t) => [t, t]));
        for (let changed = true; changed;) {
          changed = false;
          for (const a of tiles) {
            for (const b of tiles) {
              if (a === b || !linked(a, b) || label.get(a)! <= label.get(b)!) continue;
              label.set(a, label.get(b)!);
              changed = true;
            }
          }
        }
        for (const group of groups) expect(new Set(group.map((t) => label.get(t))).size).toBe(1);
        expect(groups).toHaveLength(new Set(label.values()).size);
      }),
      { numRuns: 200 },
    );
  });
});
