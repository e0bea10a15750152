/** Centre and spread that a few outliers cannot move. */
export interface RobustSpread {
  readonly median: number;
  /** Median absolute deviation; 1.4826 of it is a standard deviation where values are normal. */
  readonly mad: number;
}

/** Makes a median absolute deviation comparable to a standard deviation. */
export const MAD_TO_SIGMA = 1.4826;

/** @param sorted ascending. @param share 0..1; between two values it is interpolated. */
export function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return NaN;
  const at = share * (sorted.length - 1);
  const lower = Math.floor(at);
  const upper = Math.min(lower + 1, sorted.length - 1);
  return sorted[lower]! + (sorted[upper]! - sorted[lower]!) * (at - lower);
}

/** Values that are numbers, ascending. */
export function sortedNumbers(values: ArrayLike<number>): Float64Array {
  const numbers = new Float64Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) numbers[count++] = value;
  }
  return numbers.subarray(0, count).sort();
}

export function robustSpread(sorted: Float64Array): RobustSpread {
  const median = quantile(sorted, 0.5);
  const mad = quantile(sorted.map((value) => Math.abs(value - median)).sort(), 0.5);
  return { median, mad };
}
