import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { drawTiles, scoredTiles, topTiles } from '../../src/evaluation/choose-tiles.js';

const SIZE = 64;

/** Images of some tiles each, a few of them masked, with scores that often tie. */
const images = fc.array(
  fc
    .record({ columns: fc.integer({ min: 1, max: 6 }), rows: fc.integer({ min: 1, max: 6 }) })
    .chain(({ columns, rows }) =>
      fc
        .array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(NaN)), {
          minLength: columns * rows,
          maxLength: columns * rows,
        })
        .map((scores) => ({
          grid: {
            size: SIZE,
            xs: Int32Array.from({ length: columns }, (_, i) => 32 * i),
            ys: Int32Array.from({ length: rows }, (_, i) => 32 * i),
          },
          scores: Float32Array.from(scores),
        })),
    ),
  { minLength: 1, maxLength: 3 },
);

describe('choosing tiles', () => {
  it('gives each scored tile its place and leaves masked ones out', () => {
    fc.assert(
      fc.property(images, (given) => {
        const tiles = scoredTiles(given);
        const scored = given.reduce((n, { scores }) => n + scores.filter((s) => !Number.isNaN(s)).length, 0);
        expect(tiles).toHaveLength(scored);
        for (const { image, tile, x, y, score } of tiles) {
          const { grid, scores } = given[image]!;
          expect(scores[tile]).toBe(score);
          expect(grid.ys.indexOf(y) * grid.xs.length + grid.xs.indexOf(x)).toBe(tile);
        }
      }),
    );
  });

  it('ranks tiles so that none overlaps a better one and none that is better and apart is missing', () => {
    fc.assert(
      fc.property(images, fc.integer({ min: 1, max: 12 }), (given, count) => {
        const tiles = scoredTiles(given);
        const top = topTiles(tiles, count, SIZE);
        const overlap = (a: (typeof tiles)[number], b: (typeof tiles)[number]): boolean =>
          a.image === b.image && Math.abs(a.x - b.x) < SIZE && Math.abs(a.y - b.y) < SIZE;
        top.forEach((tile, i) => {
          if (i > 0) expect(tile.score).toBeLessThanOrEqual(top[i - 1]!.score);
          for (const better of top.slice(0, i)) expect(overlap(tile, better)).toBe(false);
        });
        const least = top.length === count ? top.at(-1)!.score : -Infinity;
        for (const tile of tiles)
          if (tile.score > least)
            expect(top.some((chosen) => overlap(tile, chosen) && chosen.score >= tile.score)).toBe(true);
      }),
    );
  });

  it('draws no tile twice, the same ones for the same seed, and each about as often', () => {
    const grid = { size: SIZE, xs: Int32Array.of(0, 32, 64, 96, 128), ys: Int32Array.of(0) };
    const tiles = scoredTiles([{ grid, scores: Float32Array.of(1, 2, 3, 4, 5) }]);
    const often = new Map<number, number>();
    for (let seed = 0; seed < 2000; seed++) {
      const drawn = drawTiles(tiles, 2, createRandom(seed));
      expect(drawn).toEqual(drawTiles(tiles, 2, createRandom(seed)));
      expect(drawn[0]).not.toBe(drawn[1]);
      for (const { tile } of drawn) often.set(tile, (often.get(tile) ?? 0) + 1);
    }
    // 800 each; the standard deviation is 22.
    for (const count of often.values()) expect(Math.abs(count - 800)).toBeLessThan(110);
    expect(drawTiles(tiles, 9, createRandom(1))).toHaveLength(5);
  });
});
