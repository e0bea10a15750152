import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { lacking, learnOrder, type ReviewedExamples } from '../../src/evaluation/learn-order.js';
import { liveEfficiency } from '../../src/evaluation/live-eomv.js';
import { fitLogistic, logOdds } from '../../src/evaluation/logistic-regression.js';
import { featuresOf, layoutOf } from '../../src/evaluation/review-features.js';

/**
 * Reviews of which `told` features tell the finds and the rest are noise; the score, the first feature, tells a
 * little.
 */
function reviews(count: number, strength: number, seed = 1, width = 12): ReviewedExamples {
  const random = createRandom(seed);
  const positive = Uint8Array.from({ length: count }, () => (random.uniform() < 0.3 ? 1 : 0));
  const features = new Float64Array(count * width);
  positive.forEach((find, row) => {
    for (let k = 0; k < width; k++) features[row * width + k] = random.normal();
    features[row * width]! += 0.3 * find;
    features[row * width + 5]! += strength * find;
  });
  return {
    count,
    width,
    features,
    positive,
    images: Int32Array.from({ length: count }, (_, row) => row % 12),
    scores: Float64Array.from({ length: count }, (_, row) => features[row * width]!),
  };
}

const all = ({ count }: ReviewedExamples) => Array.from({ length: count }, (_, i) => i);

describe('logistic regression', () => {
  it('ends where the penalised loss has no slope', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0.5, 5, 50), (seed, ridge) => {
        const examples = reviews(60, 1, seed, 4);
        const model = fitLogistic(examples, all(examples), ridge);
        const loss = ({ intercept, weights }: typeof model) => {
          let sum = 0;
          for (let k = 0; k < weights.length; k++) {
            const column = all(examples).map((row) => examples.features[row * examples.width + k]!);
            const mean = column.reduce((a, b) => a + b, 0) / column.length;
            const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length;
            sum += (ridge / 2) * weights[k]! ** 2 * variance;
          }
          for (const row of all(examples)) {
            const z = logOdds({ intercept, weights }, examples.features, row * examples.width);
            sum += Math.log1p(Math.exp(z)) - examples.positive[row]! * z;
          }
          return sum;
        };
        const least = loss(model);
        for (let k = -1; k < model.weights.length; k++)
          for (const step of [-1e-3, 1e-3]) {
            const weights = model.weights.map((weight, i) => (i === k ? weight + step : weight));
            const intercept = k < 0 ? model.intercept + step : model.intercept;
            expect(loss({ intercept, weights })).toBeGreaterThan(least - 1e-7);
          }
      }),
      { numRuns: 20 },
    );
  });

  it('stays finite where the classes are apart and a feature never changes', () => {
    const examples = reviews(40, 0);
    examples.positive.forEach((find, row) => {
      examples.features[row * examples.width] = find === 1 ? 100 : -100;
      examples.features[row * examples.width + 1] = 7;
    });
    const model = fitLogistic(examples, all(examples), 1);
    expect([model.intercept, ...model.weights].every(Number.isFinite)).toBe(true);
    for (const row of all(examples))
      expect(logOdds(model, examples.features, row * examples.width) > 0).toBe(examples.positive[row] === 1);
  });
});

describe('the order that reviews teach', () => {
  it('is used where it surely finds more than the score', () => {
    const learned = learnOrder(reviews(240, 3));
    expect(learned.better).toBe(true);
    expect(learned.ap.learned).toBeGreaterThan(learned.ap.score + 0.2);
    expect(learned.ap.gain.low).toBeGreaterThan(0);
  });

  it('is not used where reviews teach nothing, whatever it makes of what it has seen', () => {
    // Intervals of 95 % let about one in forty pass by chance.
    const used = Array.from({ length: 12 }, (_, seed) => learnOrder(reviews(120, 0, seed + 1)).better);
    expect(used.filter(Boolean).length).toBeLessThanOrEqual(1);
  });

  it('is the same for the same reviews', () => {
    expect(learnOrder(reviews(80, 1))).toEqual(learnOrder(reviews(80, 1)));
  });

  it('takes enough reviews, finds and images', () => {
    const enough = reviews(60, 1);
    expect(lacking(enough)).toBeNull();
    expect(lacking({ ...enough, count: 12 })).toBe('8 more reviews are needed');
    expect(lacking({ ...enough, positive: new Uint8Array(60) })).toBe('5 more finds are needed');
    expect(lacking({ ...enough, positive: new Uint8Array(60).fill(1) })).toContain('that are no finds');
    expect(lacking({ ...enough, images: new Int32Array(60) })).toContain('at least 3 images');
  });

  it('leaves out what lacks a score or a code of the same length', () => {
    const one = { score: 5, scores: { b: 1, a: -2 }, latent: [0.5, 1] };
    const layout = layoutOf([one, { ...one, scores: { b: 3, c: 1 } }]);
    expect(layout).toEqual({ scores: ['b'], latent: 2 });
    expect(featuresOf(one, layout)).toEqual(Float64Array.of(5, Math.log(2), 0.5, 1));
    expect(featuresOf({ ...one, scores: {} }, layout)).toBeNull();
    expect(featuresOf({ ...one, latent: [1] }, layout)).toBeNull();
  });
});

describe('the live efficiency over manual vetting', () => {
  it('is the paper’s ratio: finds among looks over finds among all tiles', () => {
    const tally = { tiles: 2000, reviewed: 20, finds: 6, looks: 18, depth: 40 };
    const { eomv, eomv_by_score: byScore, precision, reviewed_share: share } = liveEfficiency(tally);
    expect(eomv).toBeCloseTo(6 / 18 / (6 / 2000), 9);
    expect(byScore).toBe(50);
    expect([precision, share]).toEqual([0.3, 0.01]);
  });

  it('is not known before the first find, nor without a scan', () => {
    expect(liveEfficiency({ tiles: 2000, reviewed: 5, finds: 0, looks: 0, depth: 0 })).toEqual({
      precision: 0,
      reviewed_share: 0.0025,
      eomv: null,
      eomv_by_score: null,
    });
    expect(liveEfficiency({ tiles: 0, reviewed: 0, finds: 0, looks: 0, depth: 0 })).toEqual({
      precision: null,
      reviewed_share: null,
      eomv: null,
      eomv_by_score: null,
    });
  });
});
