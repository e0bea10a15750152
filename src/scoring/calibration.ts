import { logSurvival, type ParetoTail } from './generalised-pareto.js';
import type { PooledStatistics } from './normalise.js';

/** What turns a raw score into a probability; plain JSON, kept in `calibration.json`. */
export interface Calibration {
  /** Named score it is for. */
  readonly score: string;
  /** Plain tiles it was learnt from. */
  readonly tiles: number;
  /** Below the tail: raw values, ascending, and -log10 of the share of plain tiles above each, ascending. */
  readonly knots: readonly { readonly raw: number; readonly score: number }[];
  /** Beyond the last knot. */
  readonly tail: ParetoTail;
  /** What small images are measured against. */
  readonly pooled: PooledStatistics;
}

/** From this score on it grows with the logarithm only: 1e-100 says all there is to say. */
const BEND = 100;

/**
 * -log10 of the probability that a plain tile scores higher: 6 = one tile in a million.
 *
 * Interpolated between the knots, a generalised-Pareto tail above them, and below them a slow way down to
 * 0. Finite, positive and below 1000 for any finite raw score; strictly increasing for raw scores that
 * differ by more than one part in 10⁹ (single precision resolves 10⁷). NaN for NaN.
 */
export function calibrateScore(calibration: Calibration, raw: number): number {
  const { knots, tail } = calibration;
  const first = knots[0]!;
  const last = knots[knots.length - 1]!;
  if (Number.isNaN(raw)) return NaN;
  if (raw < first.raw) return first.score / (1 + Math.log1p(first.raw - raw));
  if (raw >= last.raw) return bend(last.score - logSurvival(tail, raw - last.raw) / Math.LN10);
  let low = 0;
  let high = knots.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle]!.raw <= raw) low = middle;
    else high = middle;
  }
  const a = knots[low]!;
  const b = knots[high]!;
  return a.score + ((b.score - a.score) * (raw - a.raw)) / (b.raw - a.raw);
}

function bend(score: number): number {
  return score <= BEND ? score : BEND + Math.log1p(score - BEND);
}
