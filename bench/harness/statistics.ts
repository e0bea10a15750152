/** A ratio of two contestants: median over the rounds, and how far it spread. */
export interface Ratio {
  readonly median: number;
  /** 16th and 84th percentile; with fewer than six rounds the least and the most. */
  readonly low: number;
  readonly high: number;
}

/** With fewer values the percentiles lie on the outermost ones anyway. */
const FEW = 6;

/** @param share 0..1; between two values it is interpolated. @returns NaN of no values */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const lower = sorted[Math.floor(at)]!;
  const upper = sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)]!;
  return lower + (upper - lower) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function spreadOf(values: readonly number[]): Ratio {
  const few = values.length < FEW;
  return {
    median: median(values),
    low: few ? Math.min(...values) : percentile(values, 0.16),
    high: few ? Math.max(...values) : percentile(values, 0.84),
  };
}

export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance that the line explains, at most 1. */
  readonly r2: number;
}

/** The line of least squares. @throws RangeError for fewer than two points or points above one another */
export function linearFit(points: readonly (readonly [x: number, y: number])[]): LinearFit {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const sum = (of: (x: number, y: number) => number): number =>
    points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  const spread = sum((x) => x * x);
  if (!(spread > 0)) throw new RangeError('a line needs points at two places at least');
  const slope = sum((x, y) => x * y) / spread;
  const total = sum((_, y) => y * y);
  const left = sum((x, y) => (y - slope * x) ** 2);
  return { slope, intercept: meanY - slope * meanX, r2: total === 0 ? 1 : 1 - left / total };
}
