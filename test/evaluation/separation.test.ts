import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { separationOf } from '../../src/evaluation/separation.js';

const of = (positives: readonly number[], plain: readonly number[]) =>
  separationOf(Float64Array.from(positives), Float64Array.from(plain));
const wave = (length: number, value: (i: number) => number) =>
  Array.from({ length }, (_, i) => Math.round(value(i)));

describe('the separation of positives from plain tiles', () => {
  /*
   * Areas by sklearn 1.9.1, roc_auc_score([1] * P + [0] * N, positives + plain), statistics by scipy 1.17.1,
   * ks_2samp(positives, plain).statistic.
   */
  it.each([
    [[3, 5, 5, 8], [1, 2, 3, 3, 4, 5, 6, 7, 8, 8], 0.575, 0.25],
    [[9, 10], [1, 2, 3], 1, 1],
    [[1], [1, 1], 0.5, 0],
    [[1, 2], [5, 6, 7], 0, 1],
    [
      wave(23, (i) => 10 * Math.sin(1.7 * i)),
      wave(151, (i) => 8 * Math.sin(0.9 * i + 1)),
      0.5008638065073423,
      0.18802188309818602,
    ],
  ])('agrees with scikit-learn and SciPy on %j and %j', (positives, plain, auc, ks) => {
    const found = of(positives, plain);
    expect(found.roc_auc).toBeCloseTo(auc, 12);
    expect(found.ks).toBeCloseTo(ks, 12);
  });

  const scores = fc.array(
    fc.integer({ min: 0, max: 12 }).map((n) => n / 4),
    { minLength: 1, maxLength: 30 },
  );

  it('is what counting every pair and every level gives', () => {
    fc.assert(
      fc.property(scores, scores, (positives, plain) => {
        const pairs = positives.flatMap((a) => plain.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const share = (values: readonly number[], level: number) =>
          values.filter((value) => value <= level).length / values.length;
        const apart = [...positives, ...plain].map((level) =>
          Math.abs(share(positives, level) - share(plain, level)),
        );
        const { roc_auc, ks } = of(positives, plain);
        expect(roc_auc).toBeCloseTo(pairs.reduce<number>((sum, win) => sum + win, 0) / pairs.length, 10);
        expect(ks).toBeCloseTo(Math.max(...apart), 10);
      }),
    );
  });

  it('is nothing where one side is empty', () => {
    expect(of([], [1])).toEqual({ roc_auc: NaN, ks: NaN });
    expect(of([1], [])).toEqual({ roc_auc: NaN, ks: NaN });
  });
});
