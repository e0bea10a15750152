import { centralInterval, resampledMetrics, type BootstrapOptions, type Interval } from './bootstrap.js';
import { METRIC_NAMES, metricsOf, type Metrics } from './metrics.js';
import { pooledCounts, type ThresholdTable } from './threshold-table.js';

/** One ranking's metric less another's on the same tiles; without an interval where there are too few images. */
export interface Difference extends Partial<Interval> {
  readonly value: number;
}

/**
 * How much better `ours` ranks than `theirs`, with 95 % intervals over draws of the same images for both: what
 * makes an image easy or hard for every score cancels, so that the interval is narrower than the two scores' own
 * would suggest. An interval above 0 says that `ours` is better, whatever the images.
 *
 * @param ours,theirs tables of two scores over the same images, in one order
 * @returns null without positives
 * @throws RangeError when the tables do not have equally many images and positives in each
 */
export function pairedDifferences(
  ours: ThresholdTable,
  theirs: ThresholdTable,
  options: BootstrapOptions,
): Record<keyof Metrics, Difference> | null {
  const alike = ours.images.every(({ positives }, i) => positives === theirs.images[i]?.positives);
  if (!alike || ours.images.length !== theirs.images.length)
    throw new RangeError('Scores can be compared on the same images and positives only.');
  const [a, b] = [metricsOf(pooledCounts(ours)), metricsOf(pooledCounts(theirs))];
  if (a === null || b === null) return null;
  const drawn =
    ours.images.length < 2 ? [] : pairs(resampledMetrics(ours, options), resampledMetrics(theirs, options));
  return Object.fromEntries(
    METRIC_NAMES.map((name) => {
      const differences = drawn.map(([mine, other]) => mine[name] - other[name]);
      const interval = differences.length === 0 ? {} : centralInterval(differences);
      return [name, { value: a[name] - b[name], ...interval }];
    }),
  ) as Record<keyof Metrics, Difference>;
}

/** Both draws of the same images; draws without positives have none in either. */
function pairs(ours: readonly (Metrics | null)[], theirs: readonly (Metrics | null)[]): [Metrics, Metrics][] {
  return ours.flatMap((metrics, i): [Metrics, Metrics][] => {
    const other = theirs[i] ?? null;
    return metrics === null || other === null ? [] : [[metrics, other]];
  });
}
