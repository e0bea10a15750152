import type { ThresholdCounts } from './threshold-table.js';

/** Recall and precision when every tile down to one score is returned; both 0..1. */
export interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
  readonly score: number;
}

/**
 * The precision-recall curve: one point for each score that a positive has, highest first. From one point to
 * the next it is read as steps of the later point's precision, so that the area under it is the average
 * precision.
 */
export function precisionRecall(thresholds: Float64Array, counts: ThresholdCounts): CurvePoint[] {
  const points: CurvePoint[] = [];
  let found = 0;
  thresholds.forEach((score, k) => {
    if (counts.hits[k] === 0) return;
    found += counts.hits[k]!;
    points.push({ recall: found / counts.positives, precision: found / (found + counts.alarms[k]!), score });
  });
  return points;
}
