import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrateScore, type Calibration } from '../../src/scoring/calibration.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { fitTail, logSurvival } from '../../src/scoring/generalised-pareto.js';
import { normaliseImage, type ImageScores } from '../../src/scoring/normalise.js';
import { emptyParts } from '../../src/scoring/strip-job.js';
import { seeded } from './support.js';

/** Scores of an image whose default score is `values`. */
function imageOf(values: ArrayLike<number>): ImageScores {
  const raw = Float32Array.from(values);
  const parts = emptyParts(raw.length);
  parts.tri.fill(0.1);
  parts.mad.fill(0.1);
  parts.brightPeak.fill(0.1);
  const scores = normaliseImage(parts, null);
  return { ...scores, raw, named: { ...scores.named, b: raw } };
}

/** Standard exponential. */
const exponential = (n: number, seed: number): number[] => {
  const random = seeded(seed);
  return Array.from({ length: n }, () => -Math.log(1 - random()));
};

const samples = fc.oneof(
  fc.array(fc.float({ min: -3, max: 12, noNaN: true }), { minLength: 100, maxLength: 400 }),
  fc.tuple(fc.nat(), fc.integer({ min: 100, max: 2000 })).map(([seed, n]) => exponential(n, seed)),
  fc.integer({ min: 100, max: 300 }).map((n) => new Array<number>(n).fill(1.5)),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('the calibrated score', () => {
  it('is finite, positive and below 1000 for any finite raw score', () => {
    fc.assert(
      fc.property(samples, fc.array(finite, { maxLength: 20 }), (values, raws) => {
        const calibration = fitCalibration([imageOf(values)]);
        for (const raw of [...raws, Number.MAX_VALUE, -Number.MAX_VALUE, 0, 12, 1e9]) {
          const score = calibrateScore(calibration, raw);
          expect(score).toBeGreaterThan(0);
          expect(score).toBeLessThan(1000);
        }
      }),
    );
  });

  it('rises strictly with the raw score, also beyond the clip and far out', () => {
    const raws = fc.oneof(fc.double({ min: -20, max: 40, noNaN: true }), finite);
    fc.assert(
      fc.property(samples, raws, raws, (values, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        fc.pre(high - low > 1e-9 + 1e-8 * Math.max(Math.abs(low), Math.abs(high)));
        const calibration = fitCalibration([imageOf(values)]);
        expect(calibrateScore(calibration, high)).toBeGreaterThan(calibrateScore(calibration, low));
      }),
      { numRuns: 500 },
    );
  });

  it('is -log10 of the share of plain tiles above, where there are enough of them to count', () => {
    const values = exponential(20_000, 4);
    const calibration = fitCalibration([imageOf(values)]);
    for (const p of [0.5, 0.1, 0.01])
      expect(calibrateScore(calibration, -Math.log(p))).toBeCloseTo(-Math.log10(p), 1);
  });

  it('goes on beyond them with the tail that they suggest', () => {
    const calibration = fitCalibration([imageOf(exponential(50_000, 8))]);
    expect(Math.abs(calibrateScore(calibration, 6 * Math.LN10) - 6)).toBeLessThan(0.8);
  });

  it('does not change when the calibration has been through a file', () => {
    const calibration = fitCalibration([imageOf(exponential(500, 2))]);
    const read = JSON.parse(JSON.stringify(calibration)) as Calibration;
    for (const raw of [-5, 0, 0.3, 2, 5, 80])
      expect(calibrateScore(read, raw)).toBe(calibrateScore(calibration, raw));
  });

  it('is not fitted to a handful of tiles', () => {
    expect(() => fitCalibration([imageOf([1, 2, 3])])).toThrow(/needs 100/);
  });
});

describe('a generalised-Pareto tail', () => {
  it('is found again from its own draws', () => {
    const random = seeded(11);
    for (const shape of [0.1, 0.3]) {
      const draws = Float64Array.from(
        { length: 20_000 },
        () => (2 * ((1 - random()) ** -shape - 1)) / shape,
      ).sort();
      const tail = fitTail(draws);
      expect(tail.shape).toBeCloseTo(shape, 1);
      expect(tail.scale).toBeCloseTo(2, 0);
      expect(logSurvival(tail, draws[19_800]!)).toBeCloseTo(Math.log(0.01), 0);
    }
  });

  it('never ends, even when the draws do', () => {
    const tail = fitTail(Float64Array.from({ length: 1000 }, (_, i) => i / 1000));
    expect(tail.shape).toBe(0);
    expect(logSurvival(tail, 50)).toBeLessThan(-50);
  });
});
