import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { bootstrapIntervals, centralInterval, drawImages } from '../../src/evaluation/bootstrap.js';
import { compareScores, type EvaluatedImage } from '../../src/evaluation/evaluate-scores.js';
import { metricsOf } from '../../src/evaluation/metrics.js';
import { pairedDifferences } from '../../src/evaluation/paired-bootstrap.js';
import { pooledCounts, thresholdTable, type ImageSample } from '../../src/evaluation/threshold-table.js';

const options = { resamples: 300, seed: 4 };

/** Images that differ much in how hard they are, for two scores that differ little in each. */
function hardAndEasy(gain: number): { ours: ImageSample[]; theirs: ImageSample[] } {
  const random = createRandom(8);
  const ours: ImageSample[] = [];
  const theirs: ImageSample[] = [];
  for (let image = 0; image < 10; image++) {
    const plain = Array.from({ length: 200 }, () => random.normal());
    const positives = Array.from({ length: 6 }, () => random.normal() + image / 2);
    theirs.push({ plain, positives });
    ours.push({ plain, positives: positives.map((score) => score + gain) });
  }
  return { ours, theirs };
}

describe('the paired bootstrap', () => {
  it('sees a small gain that holds in every image, which the intervals of both scores hide', () => {
    const { ours, theirs } = hardAndEasy(0.3);
    const [a, b] = [thresholdTable(ours), thresholdTable(theirs)];
    const difference = pairedDifferences(a, b, options)!;
    expect(difference.ap.low).toBeGreaterThan(0);
    const [apart, other] = [bootstrapIntervals(a, options)!, bootstrapIntervals(b, options)!];
    expect(apart.ap.low).toBeLessThan(other.ap.high);
  });

  it('gives the difference of the metrics, and its negative the other way round', () => {
    const { ours, theirs } = hardAndEasy(0.7);
    const [a, b] = [thresholdTable(ours), thresholdTable(theirs)];
    const there = pairedDifferences(a, b, options)!;
    const back = pairedDifferences(b, a, options)!;
    const [mine, other] = [metricsOf(pooledCounts(a))!, metricsOf(pooledCounts(b))!];
    for (const name of ['ap', 'patr', 'eomv'] as const) {
      expect(there[name].value).toBeCloseTo(mine[name] - other[name], 12);
      expect(back[name].low).toBeCloseTo(-there[name].high!, 12);
      expect(back[name].high).toBeCloseTo(-there[name].low!, 12);
    }
  });

  it('finds nothing between a score and a monotonic function of it', () => {
    const { ours } = hardAndEasy(0);
    const turned = ours.map(({ positives, plain }) => ({
      positives: Array.from(positives, Math.exp),
      plain: Array.from(plain, Math.exp),
    }));
    const difference = pairedDifferences(thresholdTable(ours), thresholdTable(turned), options)!;
    expect(difference.ap).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('claims no interval of one image, nothing without positives, and refuses other images', () => {
    const one = thresholdTable([{ positives: [3, 1], plain: [2, 0] }]);
    const none = thresholdTable([{ positives: [], plain: [2, 0] }]);
    expect(pairedDifferences(one, one, options)!.ap).toEqual({ value: 0 });
    expect(pairedDifferences(none, none, options)).toBeNull();
    expect(() => pairedDifferences(one, none, options)).toThrow(RangeError);
  });
});

describe('scores that are compared', () => {
  it('are so with all positives and by class', () => {
    const image = (shift: number): EvaluatedImage => ({
      labels: [label('lander'), label('rover')],
      assignment: { role: Uint8Array.of(2, 2, 0, 0, 0), tilesOf: [[0], [1]] },
      scores: {
        good: Float32Array.of(9 + shift, 1, 2, 3, 4),
        bad: Float32Array.of(0, 8 + shift, 2, 3, 4),
      },
    });
    const compared = compareScores([image(0), image(1)], 'good', 'bad', options)!;
    expect(Object.keys(compared.classes)).toEqual(['lander', 'rover']);
    expect(compared.classes['lander']!.ap.value).toBeCloseTo(1 - 1 / 4, 10);
    expect(compared.classes['rover']!.ap.value).toBeCloseTo(1 / 4 - 1, 10);
    expect(compared.ap.value).toBeCloseTo(0, 10);
  });
});

describe('draws of images', () => {
  it('hold as many as there are, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer(), (count, seed) => {
        const draws = drawImages(count, { resamples: 5, seed });
        expect(draws).toEqual(drawImages(count, { resamples: 5, seed }));
        for (const draw of draws) {
          expect(draw).toHaveLength(count);
          for (const image of draw) expect(image >= 0 && image < count).toBe(true);
        }
      }),
    );
  });

  it('have a central interval between their quantiles', () => {
    const values = Array.from({ length: 1001 }, (_, i) => (i * 3) % 1001);
    expect(centralInterval(values)).toEqual({ low: 25, high: 975 });
  });
});

function label(className: string): EvaluatedImage['labels'][number] {
  return { productId: 'x', x: 1, y: 1, box: { x0: 1, y0: 1, x1: 1, y1: 1 }, className, sun: null };
}
