import type { ThresholdCounts } from './threshold-table.js';

/** The paper's metrics of one ranking (Lesnikowski, Bickel and Angerhausen 2020, section 2.3). */
export interface Metrics {
  readonly ap: number;
  readonly patr: number;
  readonly eomv: number;
}

export const METRIC_NAMES = ['ap', 'patr', 'eomv'] as const satisfies readonly (keyof Metrics)[];

/** @returns null without positives: then nothing is defined */
export function metricsOf(counts: ThresholdCounts): Metrics | null {
  if (counts.positives === 0) return null;
  const patr = precisionAtTotalRecall(counts);
  return { ap: averagePrecision(counts), patr, eomv: patr / baseRate(counts) };
}

/**
 * "the average precision (AP) of our model's precision recall curves": the sum over thresholds of the gain in
 * recall times the precision there, nothing interpolated; 0..1.
 */
export function averagePrecision({ hits, alarms, positives }: ThresholdCounts): number {
  let found = 0;
  let sum = 0;
  for (let k = 0; k < hits.length; k++) {
    if (hits[k] === 0) continue;
    found += hits[k]!;
    sum += (hits[k]! / positives) * (found / (found + alarms[k]!));
  }
  return sum;
}

/** "PaTR = precision at the model's threshold where the model returns all positive samples"; 0..1. */
export function precisionAtTotalRecall({ hits, alarms, positives }: ThresholdCounts): number {
  const last = hits.findLastIndex((count) => count > 0);
  return positives / (positives + (alarms[last] ?? 0));
}

/**
 * "precision of the naive random anomaly scorer", the divisor of "EoMV = PaTR / precision of the naive random
 * anomaly scorer": the share of positives among all tiles. The paper's 111 is 0.333 / 0.003, its 45.8 is
 * 0.055 / 0.0012.
 */
export function baseRate({ positives, plain }: ThresholdCounts): number {
  return positives / (positives + plain);
}
