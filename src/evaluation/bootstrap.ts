import { createRandom } from '../domain/random.js';
import { metricsOf, METRIC_NAMES, type Metrics } from './metrics.js';
import { pooledCounts, type ThresholdTable } from './threshold-table.js';

/** Central 95 % of the resamples. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly resamples: number;
  readonly seed: number;
}

/**
 * 95 % percentile intervals of the metrics by drawing whole images with replacement: tiles of one image share
 * its terrain, light and objects and are not independent. Resamples that drew no positive have no metrics and
 * are left out. Tables with equally many images and one seed draw the same images, so that their resamples
 * can be compared pair by pair.
 *
 * @returns null where fewer than two images tell nothing of how images differ
 */
export function bootstrapIntervals(
  table: ThresholdTable,
  options: BootstrapOptions,
): Record<keyof Metrics, Interval> | null {
  const count = table.images.length;
  if (count < 2 || options.resamples < 1) return null;
  const random = createRandom(options.seed);
  const drawn: Metrics[] = [];
  for (let n = 0; n < options.resamples; n++) {
    const chosen = Array.from({ length: count }, () => random.integer(count));
    const metrics = metricsOf(pooledCounts(table, chosen));
    if (metrics !== null) drawn.push(metrics);
  }
  if (drawn.length === 0) return null;
  const interval = (name: keyof Metrics): Interval => {
    const sorted = Float64Array.from(drawn, (metrics) => metrics[name]).sort();
    return { low: share(sorted, 0.025), high: share(sorted, 0.975) };
  };
  return Object.fromEntries(METRIC_NAMES.map((name) => [name, interval(name)])) as Record<
    keyof Metrics,
    Interval
  >;
}

function share(sorted: Float64Array, quantile: number): number {
  const at = quantile * (sorted.length - 1);
  const lower = Math.floor(at);
  const next = sorted[Math.min(lower + 1, sorted.length - 1)]!;
  return sorted[lower]! + (next - sorted[lower]!) * (at - lower);
}
