import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { planGrid } from '../../src/tiling/grid.js';
import { planStrips } from '../../src/tiling/strips.js';
import { validColumns } from '../../src/domain/valid-columns.js';

const widths = fc.oneof(fc.constantFrom(5064, 2532), fc.integer({ min: 64, max: 700 }));
const sides = fc.record({ width: widths, height: fc.integer({ min: 64, max: 700 }) });
const strides = fc.integer({ min: 1, max: 64 });

/** Tiles over each position of one axis. */
function cover(starts: Int32Array, size: number, length: number): Uint16Array {
  const covers = new Uint16Array(length);
  for (const start of starts) for (let i = start; i < start + size; i++) covers[i]!++;
  return covers;
}

describe('the grid of tiles', () => {
  it('skips no valid pixel, never leaves the valid area, and ends flush with its border', () => {
    fc.assert(
      fc.property(sides, strides, strides, (image, strideX, strideY) => {
        const grid = planGrid(image, { size: 64, strideX, strideY });
        const { from, to } = validColumns(image.width);
        expect(grid.xs[0]).toBe(from);
        expect(grid.xs[grid.xs.length - 1]).toBe(to - 64);
        expect(grid.ys[0]).toBe(0);
        expect(grid.ys[grid.ys.length - 1]).toBe(image.height - 64);
        const columns = cover(grid.xs, 64, image.width);
        expect(columns.every((n, x) => n > 0 === (x >= from && x < to))).toBe(true);
        expect(cover(grid.ys, 64, image.height).every((n) => n > 0)).toBe(true);
        expect(
          grid.xs.every((x, i) => i === 0 || (x > grid.xs[i - 1]! && x - grid.xs[i - 1]! <= strideX)),
        ).toBe(true);
      }),
    );
  });

  it('lays at least four tiles over every pixel more than 32 px from the border, at stride 32', () => {
    fc.assert(
      fc.property(sides, (image) => {
        const grid = planGrid(image, { size: 64, strideX: 32, strideY: 32 });
        const { from, to } = validColumns(image.width);
        const columns = cover(grid.xs, 64, image.width).subarray(from + 32, to - 32);
        const rows = cover(grid.ys, 64, image.height).subarray(32, image.height - 32);
        const fewest = (covers: Uint16Array): number => covers.reduce((a, b) => Math.min(a, b), 99);
        expect(fewest(columns) * fewest(rows)).toBeGreaterThanOrEqual(4);
      }),
    );
  });

  it('knows the valid samples of whole and summed NAC images, and takes other widths as wholly valid', () => {
    expect(validColumns(5064)).toEqual({ from: 64, to: 5024 });
    expect(validColumns(2532)).toEqual({ from: 32, to: 2512 });
    expect(validColumns(800)).toEqual({ from: 0, to: 800 });
  });

  it('covers a whole NAC image with 154 columns of tiles', () => {
    const grid = planGrid({ width: 5064, height: 52224 }, { size: 64, strideX: 32, strideY: 32 });
    expect([grid.xs.length, grid.ys.length]).toEqual([154, 1631]);
  });

  it('refuses an image smaller than one tile with a sentence that gives both sizes', () => {
    const small = (): unknown => planGrid({ width: 63, height: 500 }, { size: 64, strideX: 32, strideY: 32 });
    expect(small).toThrow(InvalidProductError);
    expect(small).toThrow(/63 x 500.*64 x 64/);
  });

  it('refuses a stride that would skip pixels', () => {
    expect(() => planGrid({ width: 500, height: 500 }, { size: 64, strideX: 65, strideY: 32 })).toThrow(
      /strideX/,
    );
  });
});

describe('strips', () => {
  it('hold every row of tiles once, with its lines and as much halo as the image has', () => {
    fc.assert(
      fc.property(
        sides,
        strides,
        fc.integer({ min: 1, max: 20 }),
        fc.nat(80),
        (image, strideY, tileRows, halo) => {
          const grid = planGrid(image, { size: 64, strideX: 32, strideY });
          const plans = planStrips(grid, image.height, { tileRows, halo });
          expect(plans.flatMap((p) => [p.rowFrom, p.rowTo])).toEqual(
            plans.flatMap((_, i) => [i * tileRows, Math.min((i + 1) * tileRows, grid.ys.length)]),
          );
          for (const { rowFrom, rowTo, range } of plans) {
            expect(rowTo).toBeGreaterThan(rowFrom);
            expect(range.firstLine).toBe(Math.max(0, grid.ys[rowFrom]! - halo));
            expect(range.firstLine + range.lines).toBe(
              Math.min(image.height, grid.ys[rowTo - 1]! + 64 + halo),
            );
          }
        },
      ),
    );
  });
});
