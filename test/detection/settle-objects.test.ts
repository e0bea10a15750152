import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findObjects } from '../../src/detection/find-objects.js';
import { neighbours } from '../../src/detection/merge.js';
import { tilesToConfirm, type OpenScores } from '../../src/detection/settle-objects.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import { gridOf } from './support.js';

const PLACES = { from: 6, to: 58 };

/** A number for a tile that looks random and is the same each time. */
function noise(seed: number, tile: number, of: number): number {
  let h = Math.imul(seed ^ Math.imul(tile + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(of + 1, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

interface Case {
  readonly columns: number;
  readonly rows: number;
  readonly stride: number;
  readonly seed: number;
  /** Largest half width of a tile's interval. */
  readonly width: number;
  readonly threshold: number;
  readonly budget: number;
  readonly mergeRadiusPx: number;
  /** Steps that scores are rounded to, so that some are equal. */
  readonly step: number;
  readonly confirmedShare: number;
  readonly moveShare: number;
}

/** An image as an exact scan knows it, and what a screening of it knows. */
function screened(c: Case) {
  const grid = gridOf(64 + (c.columns - 1) * c.stride, 64 + (c.rows - 1) * c.stride, c.stride);
  const count = grid.xs.length * grid.ys.length;
  const truth = emptyParts(count);
  const known = emptyParts(count);
  const raw = new Float32Array(count);
  const open = {
    confirmed: new Uint8Array(count),
    lo: new Float32Array(count),
    hi: new Float32Array(count),
    mayMove: new Uint8Array(count),
    places: PLACES,
    threshold: c.threshold,
  };
  const any = (tile: number, of: number): number => noise(c.seed, tile, of);
  for (let tile = 0; tile < count; tile++) {
    const masked = any(tile, 0) < 0.1;
    raw[tile] = masked ? NaN : Math.round((6 * any(tile, 1) ** 3) / c.step) * c.step;
    truth.tri[tile] = known.tri[tile] = Math.round(4 * any(tile, 2)) / 4;
    known.peakX[tile] = truth.peakX[tile] = Math.floor(64 * any(tile, 3));
    known.peakY[tile] = truth.peakY[tile] = Math.floor(64 * any(tile, 4));
    open.mayMove[tile] = any(tile, 5) < c.moveShare ? 1 : 0;
    if (open.mayMove[tile] === 1 && any(tile, 6) < 0.7) {
      truth.peakX[tile] = 6 + 4 * Math.floor(14 * any(tile, 7));
      truth.peakY[tile] = 6 + 4 * Math.floor(14 * any(tile, 8));
    }
    open.lo[tile] = raw[tile]! - c.width * any(tile, 9);
    open.hi[tile] = raw[tile]! + c.width * any(tile, 10);
    if (any(tile, 11) < c.confirmedShare) confirm(tile);
  }
  return { grid, truth, known, raw, open, confirm, count };

  function confirm(tile: number): void {
    open.confirmed[tile] = 1;
    open.mayMove[tile] = 0;
    open.lo[tile] = open.hi[tile] = raw[tile]!;
    known.peakX[tile] = truth.peakX[tile]!;
    known.peakY[tile] = truth.peakY[tile]!;
  }
}

function settle(c: Case, most: number) {
  const { grid, truth, known, raw, open, confirm, count } = screened(c);
  const before = open.confirmed.reduce((sum, flag) => sum + flag, 0);
  for (;;) {
    const tiles = tilesToConfirm(grid, known, open satisfies OpenScores, c, most);
    if (tiles.length === 0) break;
    expect(tiles.every((tile) => open.confirmed[tile] === 0)).toBe(true);
    tiles.forEach(confirm);
  }
  const scoresOf = (values: Float32Array) => ({
    raw: values,
    named: (tiles: readonly number[]) => ({ c: Float32Array.from(tiles, (tile) => values[tile]!) }),
    statistics: { threshold: c.threshold },
  });
  const settled = raw.map((score, tile) => (open.confirmed[tile] === 1 ? score : NaN));
  return {
    found: findObjects(grid, known, scoresOf(settled), c),
    exact: findObjects(grid, truth, scoresOf(raw), c),
    rescored: open.confirmed.reduce((sum, flag) => sum + flag, 0) - before,
    count,
  };
}

const cases: fc.Arbitrary<Case> = fc.record({
  columns: fc.integer({ min: 1, max: 14 }),
  rows: fc.integer({ min: 1, max: 14 }),
  stride: fc.constantFrom(16, 32, 48, 64),
  seed: fc.integer(),
  width: fc.constantFrom(0, 0.1, 0.5, 2, 6),
  threshold: fc.double({ min: 0, max: 5, noNaN: true }),
  budget: fc.integer({ min: 1, max: 12 }),
  mergeRadiusPx: fc.integer({ min: 0, max: 40 }),
  step: fc.constantFrom(0.001, 0.25, 1),
  confirmedShare: fc.constantFrom(0, 0.02, 0.3),
  moveShare: fc.constantFrom(0, 0.3, 1),
});

describe('objects of a screened image', () => {
  it('are those of a scan that is exact in every tile, whatever the errors within their bounds', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 64 }), (c, most) => {
        const { found, exact } = settle(c, most);
        expect(found).toEqual(exact);
      }),
      { numRuns: 1500 },
    );
  });

  it('need few tiles in fp32 where the bounds are narrow and the budget is small', () => {
    const { rescored, count, found, exact } = settle(
      {
        columns: 60,
        rows: 60,
        stride: 32,
        seed: 7,
        width: 0.1,
        threshold: 2,
        budget: 10,
        mergeRadiusPx: 12,
        step: 0.001,
        confirmedShare: 0.02,
        moveShare: 0.3,
      },
      16,
    );
    expect(found).toEqual(exact);
    expect(count).toBe(3600);
    expect(rescored).toBeLessThan(0.05 * count);
  });

  it('ask first for the open tiles with the highest bounds, of equal ones for the first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ hi: fc.constantFrom(NaN, -1, 0, 1, 2, 2.5, Infinity), done: fc.boolean() }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 70 }),
        (tiles, most) => {
          const grid = gridOf(64 * tiles.length, 64, 64);
          const hi = Float32Array.from(tiles, (tile) => tile.hi);
          const open: OpenScores = {
            ...{ lo: hi, hi, mayMove: new Uint8Array(hi.length), places: PLACES, threshold: 1 },
            confirmed: Uint8Array.from(tiles, ({ done }) => (done ? 1 : 0)),
          };
          // The budget is never filled: all that reach the threshold are asked for.
          const o = { budget: 1000, mergeRadiusPx: 0 };
          const wanted = Array.from(tiles.keys())
            .filter((i) => !tiles[i]!.done && tiles[i]!.hi >= 1)
            .sort((a, b) => (hi[b] === hi[a] ? a - b : hi[b]! - hi[a]!))
            .slice(0, most)
            .sort((a, b) => a - b);
          expect(tilesToConfirm(grid, emptyParts(hi.length), open, o, most)).toEqual(wanted);
        },
      ),
    );
  });

  it('have as neighbours the tiles that overlap or touch theirs', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 400 }),
        fc.integer({ min: 64, max: 400 }),
        fc.integer({ min: 8, max: 64 }),
        fc.nat(),
        (width, height, stride, nth) => {
          const grid = gridOf(width, height, stride);
          const columns = grid.xs.length;
          const count = columns * grid.ys.length;
          const tile = nth % count;
          const at = (t: number) => [grid.xs[t % columns]!, grid.ys[Math.floor(t / columns)]!] as const;
          const near = Array.from({ length: count }, (_, t) => t).filter((t) => {
            const [[x, y], [ox, oy]] = [at(tile), at(t)];
            return t !== tile && Math.abs(x - ox) <= 64 && Math.abs(y - oy) <= 64;
          });
          expect([...neighbours(grid, tile)]).toEqual(near);
        },
      ),
      { numRuns: 50 },
    );
  });
});
