import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OverviewMaker, overviewCell, overviewScores } from '../../src/detection/overview.js';
import { SCORE_STEPS } from '../../src/domain/overview.js';

describe('an overview', () => {
  it('is small for images of any size, with cells of 8 pixels at least', () => {
    expect(overviewCell(5064, 52_224)).toBe(64);
    expect(overviewCell(100, 100)).toBe(8);
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 6000 }),
        fc.integer({ min: 64, max: 60_000 }),
        (samples, lines) => {
          const cell = overviewCell(samples, lines);
          expect(Math.ceil(samples / cell) * Math.ceil(lines / cell)).toBeLessThanOrEqual(100_000);
        },
      ),
    );
  });

  it('is the same however the image is cut into strips, which may overlap', () => {
    const [width, height] = [70, 90];
    const image = Uint8Array.from({ length: width * height }, (_, i) => 1 + ((i * 31) % 250));
    const whole = new OverviewMaker(width, height);
    whole.add({ firstLine: 0, lines: height, width, data: image });
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 10 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(cuts, (sizes) => {
        const maker = new OverviewMaker(width, height);
        for (let [from, i] = [0, 0]; from < height; i++) {
          const [step, overlap] = sizes[i % sizes.length]!;
          const first = Math.max(0, from - overlap);
          const end = Math.min(height, from + step);
          maker.add({
            firstLine: first,
            lines: end - first,
            width,
            data: image.subarray(first * width, end * width),
          });
          from = end;
        }
        expect(maker.grey()).toEqual(whole.grey());
      }),
    );
    expect(whole.grey()[0]).toBeGreaterThan(100);
  });

  it('has 0 where less than half of a cell holds data', () => {
    const data = new Uint8Array(16 * 16).fill(200);
    data.fill(0, 0, 16 * 6);
    const maker = new OverviewMaker(16, 16);
    maker.add({ firstLine: 0, lines: 16, width: 16, data });
    expect([...maker.grey()]).toEqual([0, 0, 200, 200]);
  });

  it('tells the highest score of the tiles that reach into a cell, never less than it was', () => {
    const grid = { size: 8, xs: Int32Array.of(0, 4, 16), ys: Int32Array.of(0) };
    const shape = { columns: 4, rows: 2, cell: 8 };
    const scores = overviewScores(shape, grid, Float32Array.of(1, 3.21, NaN), (raw) => raw);
    const told = [...scores].map((value) => (value === 0 ? null : (value - 1) / SCORE_STEPS));
    expect(told.slice(2)).toEqual([null, null, null, null, null, null]);
    expect(told[0]).toBeGreaterThanOrEqual(3.21);
    expect(told[0]).toBeLessThan(3.21 + 2 / SCORE_STEPS);
    expect(told[1]).toEqual(told[0]);
    expect(overviewScores(shape, grid, Float32Array.of(1, 500, NaN), (raw) => raw)[0]).toBe(255);
  });
});
