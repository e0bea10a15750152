/** How a row of samples goes on, by least squares. */
export interface StraightLine {
  /** Value of the line at the first and at the last sample. */
  readonly from: number;
  readonly to: number;
}

/** @param samples at least two, evenly spaced */
export function straightLine(samples: readonly number[]): StraightLine {
  const last = samples.length - 1;
  const middle = last / 2;
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const products = samples.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const squares = samples.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  const slope = products / squares;
  return { from: mean - slope * middle, to: mean + slope * middle };
}
