import { atLeast } from './threshold-table.js';

/** How far the scores of positives stand apart from those of plain tiles, whatever the share of positives. */
export interface Separation {
  /** Area under the receiver operating characteristic: a positive outranks a plain tile so often, ties half; 0..1. */
  readonly roc_auc: number;
  /** Statistic of the two-sample Kolmogorov-Smirnov test: the largest distance of the two distributions; 0..1. */
  readonly ks: number;
}

/**
 * The follow-up of 2024 tells these beside the precision-recall curve. With few positives among many tiles they look
 * good long before a person is spared any looking: AP and PaTR tell that.
 *
 * @param positives,plain scores, at least one of each; NaN where there are none
 */
export function separationOf(positives: Float64Array, plain: Float64Array): Separation {
  if (positives.length === 0 || plain.length === 0) return { roc_auc: NaN, ks: NaN };
  const [ours, theirs] = [positives.slice().sort(), plain.slice().sort()];
  let wins = 0;
  let ks = 0;
  for (let i = 0; i < ours.length;) {
    const score = ours[i]!;
    const next = firstAbove(ours, score);
    const notBelow = atLeast(theirs, score);
    const above = theirs.length - firstAbove(theirs, score);
    wins += (next - i) * (theirs.length - notBelow + 0.5 * (notBelow - above));
    // Between two scores of positives only the plain tiles' share changes: the distance is largest at one of its ends.
    const at = (ours.length - i) / ours.length - notBelow / theirs.length;
    const behind = (ours.length - next) / ours.length - above / theirs.length;
    ks = Math.max(ks, Math.abs(at), Math.abs(behind));
    i = next;
  }
  return { roc_auc: wins / (ours.length * theirs.length), ks };
}

/** Index of the first of ascending values that is above `score`; their number where none is. */
function firstAbove(sorted: Float64Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
