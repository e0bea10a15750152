import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootstrapIntervals } from '../../src/evaluation/bootstrap.js';
import { scoreHistogram } from '../../src/evaluation/histogram.js';
import { baseRate, metricsOf, type Metrics } from '../../src/evaluation/metrics.js';
import { precisionRecall } from '../../src/evaluation/precision-recall.js';
import { pooledCounts, thresholdTable, type ImageSample } from '../../src/evaluation/threshold-table.js';

function measure(...images: ImageSample[]): Metrics {
  const metrics = metricsOf(pooledCounts(thresholdTable(images)));
  if (metrics === null) throw new Error('no positives');
  return metrics;
}

/** The definitions read word by word: every threshold that any tile has, tiles counted anew at each. */
function bruteForce({ positives, plain }: { positives: number[]; plain: number[] }): Metrics {
  const thresholds = [...new Set([...positives, ...plain])].sort((a, b) => b - a);
  let ap = 0;
  let recallBefore = 0;
  let patr = NaN;
  for (const threshold of thresholds) {
    const found = positives.filter((score) => score >= threshold).length;
    const returned = found + plain.filter((score) => score >= threshold).length;
    const recall = found / positives.length;
    ap += (recall - recallBefore) * (found / returned);
    recallBefore = recall;
    if (found === positives.length && Number.isNaN(patr)) patr = found / returned;
  }
  return { ap, patr, eomv: patr / (positives.length / (positives.length + plain.length)) };
}

function close(actual: Metrics, expected: Metrics): void {
  for (const name of ['ap', 'patr', 'eomv'] as const) expect(actual[name]).toBeCloseTo(expected[name], 10);
}

/** Few distinct values, so that ties are common. */
const scores = fc.integer({ min: 0, max: 12 }).map((n) => n / 4);
const sample = fc.record({
  positives: fc.array(scores, { minLength: 1, maxLength: 12 }),
  plain: fc.array(scores, { maxLength: 40 }),
});

describe('metrics', () => {
  it('are as worked out by hand', () => {
    // Ranks of the positives among seven: 1, 3, 6.
    const metrics = measure({ positives: [9, 7, 4], plain: [8, 6, 5, 1] });
    expect(metrics.ap).toBeCloseTo((1 + 2 / 3 + 3 / 6) / 3, 12);
    expect(metrics.patr).toBeCloseTo(3 / 6, 12);
    expect(metrics.eomv).toBeCloseTo(3 / 6 / (3 / 7), 12);
  });

  it("agree with the paper's arithmetic: six of 2000, the last at rank 18, is 0.333 / 0.003 = 111", () => {
    const positives = [13, 14, 15, 16, 17, 18].map((rank) => 3000 - rank);
    const plain = Array.from({ length: 2000 }, (_, i) => 2999 - i).filter(
      (score) => !positives.includes(score),
    );
    const { patr, eomv } = measure({ positives, plain });
    expect(patr).toBeCloseTo(0.333, 3);
    expect(eomv).toBeCloseTo(111.1, 1);
  });

  it('equal those of the definitions read word by word, with ties', () => {
    fc.assert(fc.property(sample, (tiles) => close(measure(tiles), bruteForce(tiles))));
  });

  it('are of all images together, however the tiles are shared out among them', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) =>
        close(
          measure(a, b),
          bruteForce({ positives: [...a.positives, ...b.positives], plain: [...a.plain, ...b.plain] }),
        ),
      ),
    );
  });

  it('do not change when the scores are transformed monotonically', () => {
    fc.assert(
      fc.property(sample, (tiles) => {
        const by = (score: number): number => Math.exp(score) - 40;
        close(measure({ positives: tiles.positives.map(by), plain: tiles.plain.map(by) }), measure(tiles));
      }),
    );
  });

  it('are 1 for a perfect ranking, and EoMV then the inverse of the base rate', () => {
    const metrics = measure({ positives: [5, 6, 7], plain: Array.from({ length: 97 }, (_, i) => i / 100) });
    expect(metrics.ap).toBeCloseTo(1, 12);
    expect(metrics.patr).toBe(1);
    expect(metrics.eomv).toBeCloseTo(100 / 3, 10);
  });

  it('have the base rate as precision where the score is the same everywhere, on whatever side the positives are', () => {
    const metrics = measure({ positives: [1, 1], plain: new Array<number>(98).fill(1) });
    expect(metrics).toEqual({ ap: 0.02, patr: 0.02, eomv: 1 });
  });

  it('come near the base rate for random scores', () => {
    const uniform = createUniform(5);
    const draw = (count: number): number[] => Array.from({ length: count }, uniform);
    const runs = Array.from({ length: 40 }, () => measure({ positives: draw(100), plain: draw(1900) }));
    const mean = runs.reduce((sum, { ap }) => sum + ap, 0) / runs.length;
    expect(mean).toBeGreaterThan(0.048);
    expect(mean).toBeLessThan(0.058);
  });

  it('are undefined without positives', () => {
    expect(metricsOf(pooledCounts(thresholdTable([{ positives: [], plain: [1, 2] }])))).toBeNull();
  });
});

describe('the precision-recall curve', () => {
  it('has the average precision as the area under its steps and the total recall at its end', () => {
    fc.assert(
      fc.property(sample, (tiles) => {
        const table = thresholdTable([tiles]);
        const curve = precisionRecall(table.thresholds, pooledCounts(table));
        const area = curve.reduce(
          (sum, p, i) => sum + (p.recall - (curve[i - 1]?.recall ?? 0)) * p.precision,
          0,
        );
        const { ap, patr } = measure(tiles);
        expect(area).toBeCloseTo(ap, 10);
        expect(curve.at(-1)?.recall).toBe(1);
        expect(curve.at(-1)?.precision).toBeCloseTo(patr, 12);
      }),
    );
  });
});

describe('bootstrap intervals', () => {
  const image = (uniform: () => number, shift: number): ImageSample => ({
    positives: Array.from({ length: 5 }, () => uniform() + shift),
    plain: Array.from({ length: 200 }, uniform),
  });

  it('hold the value, and are the same for the same seed', () => {
    const uniform = createUniform(3);
    const images = [0.1, 0.3, 0.5, 0.2, 0.4, 0.6].map((shift) => image(uniform, shift));
    const table = thresholdTable(images);
    const intervals = bootstrapIntervals(table, { resamples: 400, seed: 9 })!;
    const metrics = measure(...images);
    expect(intervals.ap.low).toBeLessThan(metrics.ap);
    expect(intervals.ap.high).toBeGreaterThan(metrics.ap);
    expect(bootstrapIntervals(table, { resamples: 400, seed: 9 })).toEqual(intervals);
  });

  it('have no width where all images are alike', () => {
    const one = image(createUniform(4), 0.3);
    const { ap } = measure(one);
    const intervals = bootstrapIntervals(thresholdTable([one, one, one]), { resamples: 50, seed: 1 })!;
    expect(intervals.ap.low).toBeCloseTo(ap, 12);
    expect(intervals.ap.high).toBeCloseTo(ap, 12);
  });

  it('are not claimed of one image', () => {
    expect(
      bootstrapIntervals(thresholdTable([image(createUniform(1), 0)]), { resamples: 9, seed: 1 }),
    ).toBeNull();
  });
});

describe('the score histogram', () => {
  it('counts every tile once, and positives among all', () => {
    fc.assert(
      fc.property(sample, ({ positives, plain }) => {
        const {
          edges,
          all,
          positives: found,
        } = scoreHistogram(Float64Array.from(positives), Float64Array.from(plain));
        const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
        expect(sum(all)).toBe(positives.length + plain.length);
        expect(sum(found)).toBe(positives.length);
        expect(edges).toHaveLength(all.length + 1);
        found.forEach((count, i) => expect(count).toBeLessThanOrEqual(all[i]!));
      }),
    );
  });
});

describe('the base rate', () => {
  it('is the share of positives among all tiles', () => {
    expect(baseRate(pooledCounts(thresholdTable([{ positives: [1], plain: [1, 2, 3] }])))).toBe(0.25);
  });
});

function createUniform(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
