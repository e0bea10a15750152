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
 * Metrics of whole images drawn with replacement: tiles of one image share its terrain, light and objects and
 * are not independent. Draws without a positive have no metrics. Tables with equally many images and one seed
 * draw the same images, so that their resamples can be compared pair by pair.
 */
export function resampledMetrics(table: ThresholdTable, options: BootstrapOptions): (Metrics | null)[] {
  return drawImages(table.images.length, options).map((chosen) => metricsOf(pooledCounts(table, chosen)));
}

/** Indices of images, as many as there are, with replacement: one list a resample. */
export function drawImages(count: number, { resamples, seed }: BootstrapOptions): number[][] {
  const random = createRandom(seed);
  return Array.from({ length: resamples }, () => Array.from({ length: count }, () => random.integer(count)));
}

/**
 * 95 % percentile intervals of the metrics over resamples of images; those that drew no positive are left out.
 *
 * @returns null where fewer than two images tell nothing of how images differ
 */
export function bootstrapIntervals(
  table: ThresholdTable,
  options: BootstrapOptions,
): Record<keyof Metrics, Interval> | null {
  if (table.images.length < 2) return null;
  const drawn = resampledMetrics(table, options).filter((metrics) => metrics !== null);
  if (drawn.length === 0) return null;
  return Object.fromEntries(
    METRIC_NAMES.map((name) => [name, centralInterval(drawn.map((metrics) => metrics[name]))]),
  ) as Record<keyof Metrics, Interval>;
}

/** The central 95 % of values, interpolated between them. */
export function centralInterval(values: ArrayLike<number>): Interval {
  const sorted = Float64Array.from(values).sort();
  return { low: share(sorted, 0.025), high: share(sorted, 0.975) };
}

function share(sorted: Float64Array, quantile: number): number {
  const at = quantile * (sorted.length - 1);
  const lower = Math.floor(at);
  const next = sorted[Math.min(lower + 1, sorted.length - 1)]!;
  return sorted[lower]! + (next - sorted[lower]!) * (at - lower);
}
