import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanProfile } from '../../src/domain/scan-profile.js';
import { calibrateScore, type Calibration } from '../../src/scoring/calibration.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { fitTail, logSurvival } from '../../src/scoring/generalised-pareto.js';
import { profileOf } from '../../src/scoring/scan-profile.js';
import { seeded } from './support.js';

const POOLED = { mad: 0.1, logA: { median: 0, mad: 1 }, logBright: { median: 0, mad: 1 } };
const UNKNOWN = { incidenceDeg: null, contrast: null };

/** Profile of an image whose default score is `values`. */
function profile(
  values: ArrayLike<number>,
  {
    incidenceDeg = null,
    contrast = 0.1,
    score = 'b',
  }: { incidenceDeg?: number | null; contrast?: number; score?: string } = {},
): ScanProfile {
  const raw = Float32Array.from(values);
  const parts = { mad: new Float32Array(raw.length).fill(contrast) };
  const made = profileOf(score, raw, parts, { first: 16, counts: [raw.length] }, incidenceDeg);
  if (made === null) throw new Error('no tiles');
  return made;
}

const fit = (...profiles: ScanProfile[]): Calibration => fitCalibration(profiles, 'b', { pooled: POOLED });

/** Exponential with a mean of `scale`. */
const exponential = (n: number, seed: number, scale = 1): number[] => {
  const random = seeded(seed);
  return Array.from({ length: n }, () => -scale * Math.log(1 - random()));
};

/** Terrain whose tail is the heavier the higher the Sun stands, as that of real scores is. */
const tailAt = (incidenceDeg: number): number => 1 - incidenceDeg / 150;
const litImages = (seed: number, incidences: readonly number[]): ScanProfile[] =>
  incidences.map((incidenceDeg, i) =>
    profile(exponential(2000, 1000 * seed + i, tailAt(incidenceDeg)), {
      incidenceDeg,
      contrast: 0.01 * 1.04 ** incidenceDeg,
    }),
  );
const INCIDENCES = Array.from({ length: 40 }, (_, i) => 15 + (70 * i) / 39);

const samples = fc.oneof(
  fc.array(fc.float({ min: -3, max: 12, noNaN: true }), { minLength: 100, maxLength: 400 }),
  fc.tuple(fc.nat(), fc.integer({ min: 100, max: 2000 })).map(([seed, n]) => exponential(n, seed)),
  fc.integer({ min: 100, max: 300 }).map((n) => new Array<number>(n).fill(1.5)),
);
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const condition = fc.record({
  incidenceDeg: fc.option(fc.double({ min: 0, max: 180, noNaN: true })),
  contrast: fc.option(fc.double({ min: 0, max: 5, noNaN: true })),
});
const calibrations = fc
  .array(
    fc.record({
      values: samples,
      incidenceDeg: fc.integer({ min: 5, max: 89 }),
      contrast: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((images) => fit(...images.map(({ values, ...light }) => profile(values, light))));

describe('the calibrated score', () => {
  it('is finite, positive and below 1000 for any finite raw score under any condition', () => {
    fc.assert(
      fc.property(
        calibrations,
        condition,
        fc.array(finite, { maxLength: 20 }),
        (calibration, under, raws) => {
          for (const raw of [...raws, Number.MAX_VALUE, -Number.MAX_VALUE, 0, 12, 1e9]) {
            const score = calibrateScore(calibration, raw, under);
            expect(score).toBeGreaterThan(0);
            expect(score).toBeLessThan(1000);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('rises strictly with the raw score under one condition, also beyond the clip and far out', () => {
    const raws = fc.oneof(fc.double({ min: -20, max: 40, noNaN: true }), finite);
    fc.assert(
      fc.property(calibrations, condition, raws, raws, (calibration, under, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        fc.pre(high - low > 1e-9 + 1e-8 * Math.max(Math.abs(low), Math.abs(high)));
        expect(calibrateScore(calibration, high, under)).toBeGreaterThan(
          calibrateScore(calibration, low, under),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is continuous in the incidence and in the contrast', () => {
    const calibration = fit(...litImages(1, INCIDENCES));
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0.005, max: 1, noNaN: true }),
        fc.double({ min: -3, max: 12, noNaN: true }),
        (incidenceDeg, contrast, raw) => {
          const at = (i: number, c: number) =>
            calibrateScore(calibration, raw, { incidenceDeg: i, contrast: c });
          const here = at(incidenceDeg, contrast);
          expect(Math.abs(at(incidenceDeg + 1e-6, contrast) - here)).toBeLessThan(1e-5);
          expect(Math.abs(at(incidenceDeg, contrast * (1 + 1e-6)) - here)).toBeLessThan(1e-4);
        },
      ),
    );
  });

  it('is -log10 of the share of plain tiles above, where there are enough of them to count', () => {
    const calibration = fit(profile(exponential(20_000, 4)));
    for (const p of [0.5, 0.1, 0.01])
      expect(calibrateScore(calibration, -Math.log(p), UNKNOWN)).toBeCloseTo(-Math.log10(p), 1);
  });

  it('goes on beyond them with the tail that they suggest', () => {
    const calibration = fit(profile(exponential(50_000, 8)));
    expect(Math.abs(calibrateScore(calibration, 6 * Math.LN10, UNKNOWN) - 6)).toBeLessThan(0.8);
  });

  it('holds within a factor of 2 on images that it was not learnt from, in every lighting', () => {
    const calibration = fit(...litImages(1, INCIDENCES));
    for (const from of [15, 30, 45, 60, 75]) {
      const incidences = [1, 4, 7, 10].map((step) => from + step);
      const tiles = incidences.flatMap((incidenceDeg, i) => {
        const contrast = 0.01 * 1.04 ** incidenceDeg;
        const values = exponential(3000, 77 * from + i, tailAt(incidenceDeg));
        return values.map((raw) => calibrateScore(calibration, raw, { incidenceDeg, contrast }));
      });
      for (const s of [0.5, 1, 1.5, 2, 2.5]) {
        const ratio = tiles.filter((score) => score > s).length / (tiles.length * 10 ** -s);
        expect(ratio, `above ${s} from ${from} degrees`).toBeGreaterThan(0.5);
        expect(ratio, `above ${s} from ${from} degrees`).toBeLessThan(2);
      }
    }
  });

  it('would not hold in every lighting without it', () => {
    const calibration = fit(...litImages(1, INCIDENCES));
    const high = exponential(12_000, 5, tailAt(16));
    const above = high.filter((raw) => calibrateScore(calibration, raw, UNKNOWN) > 2.5).length;
    expect(above / (high.length * 10 ** -2.5)).toBeGreaterThan(2);
  });

  it('is that of the neighbours where no image has like light', () => {
    const calibration = fit(...litImages(3, [30, 32, 34, 36, 64, 66, 68, 70]));
    const at = (incidenceDeg: number) => calibrateScore(calibration, 4, { incidenceDeg, contrast: null });
    expect(at(50)).toBeGreaterThan(at(30));
    expect(at(50)).toBeLessThan(at(70));
    expect(at(5)).toBe(at(20));
  });

  it('is not thrown off by one odd image in its lighting', () => {
    const usual = litImages(2, INCIDENCES);
    const odd = profile(exponential(2000, 9, 4), { incidenceDeg: 50, contrast: 0.07 });
    const under = { incidenceDeg: 50, contrast: 0.07 };
    const [before, after] = [fit(...usual), fit(...usual, odd)].map((one) => calibrateScore(one, 4, under));
    const alone = calibrateScore(fit(odd), 4, under);
    expect(10 ** -after!).toBeGreaterThan(10 ** -before!);
    expect(10 ** -after!).toBeLessThan(10 ** -alone / 2);
  });

  it('keeps what an earlier calibration says where there is nothing new, and follows new images where they are', () => {
    const prior = fit(...litImages(1, INCIDENCES));
    const values = INCIDENCES.filter((incidenceDeg) => incidenceDeg > 65).flatMap((incidenceDeg) =>
      [1, 2, 3].map((n) =>
        profile(exponential(2000, 50 * incidenceDeg + n, 1.5), { incidenceDeg, contrast: 0.2 }),
      ),
    );
    const learnt = fitCalibration(values, 'b', { pooled: POOLED, prior });
    const both = (incidenceDeg: number) =>
      [prior, learnt].map((one) => calibrateScore(one, 4, { incidenceDeg, contrast: null }));
    const [highBefore, highAfter] = both(20);
    expect(Math.abs(highAfter! - highBefore!)).toBeLessThan(0.1);
    const [lowBefore, lowAfter] = both(80);
    expect(lowAfter).toBeLessThan(lowBefore! - 1);
    expect(lowAfter).toBeCloseTo(4 / 1.5 / Math.LN10, 0);
  });

  it('is made of any named score, norms and logits among them', () => {
    for (const [score, shift, factor] of [
      ['l2', 3, 2],
      ['tri', 0, 0.02],
      ['lander', -6, 1],
    ] as const) {
      const values = exponential(20_000, 6).map((value) => shift + factor * value);
      const calibration = fitCalibration([profile(values, { score })], score, { pooled: POOLED });
      for (const p of [0.5, 0.1, 0.01]) {
        const raw = shift - factor * Math.log(p);
        expect(calibrateScore(calibration, raw, UNKNOWN), score).toBeCloseTo(-Math.log10(p), 1);
      }
    }
  });

  it('does not change when the calibration has been through a file', () => {
    const calibration = fit(profile(exponential(500, 2)));
    const read = JSON.parse(JSON.stringify(calibration)) as Calibration;
    for (const raw of [-5, 0, 0.3, 2, 5, 80])
      expect(calibrateScore(read, raw, UNKNOWN)).toBe(calibrateScore(calibration, raw, UNKNOWN));
  });

  it('is not fitted to a handful of tiles', () => {
    expect(() => fit(profile([1, 2, 3]))).toThrow(/needs 100/);
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
