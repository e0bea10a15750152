import { atLeast } from '../../src/evaluation/threshold-table.js';

/** Mean precision at each positive; ties are broken against the positives. */
export function averagePrecision(positives: readonly number[], negativesSorted: Float64Array): number {
  const ranked = [...positives].sort((a, b) => b - a);
  let sum = 0;
  ranked.forEach((score, i) => {
    sum += (i + 1) / (i + 1 + atLeast(negativesSorted, score));
  });
  return sum / ranked.length;
}
