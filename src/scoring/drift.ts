import type { Histogram, ScanProfile } from '../domain/scan-profile.js';
import { scoreOnAxis, type Calibration } from './calibration.js';
import { inputsUnder, tenthsOf, placeIn } from './input-reference.js';
import { conditionOf } from './scan-profile.js';

/** What is watched of the images: what the model sees, and how it scores it. */
export const DRIFT_INPUTS = ['brightness', 'contrast', 'score'] as const;
export type DriftInput = (typeof DRIFT_INPUTS)[number];

/** How far some scans are from what their calibration was learnt on, each under its own light. */
export interface InputDrift {
  /** Population stability index: 0 = alike; 0.1 to 0.25 is commonly called a shift, above 0.25 a large one. */
  readonly index: number;
  /** Means over the scans of the 10, 50 and 90 % quantiles, beside those of the reference. */
  readonly quantiles: readonly { readonly share: number; readonly seen: number; readonly expected: number }[];
}
export type Drift = Readonly<Record<DriftInput, InputDrift>>;

/** Shares of plain tiles above the limits that scores are sorted by: the tail is what matters. */
const SCORE_SHARES = [0.9, 0.5, 0.2, 0.1, 0.05, 0.02];
const SHOWN = [0.1, 0.5, 0.9];
/** Keeps the index finite where nothing fell between two limits. */
const LEAST_SHARE = 1e-3;

/**
 * Compares scans with the reference of a calibration. Every scan is sorted into classes that hold known shares
 * of plain terrain under its own light; over the scans these shares should be found again, however the light
 * of the scans is mixed. Scans count alike, whatever their size.
 *
 * @param profiles one or more, of the calibration's score.
 * @see Siddiqi (2006), Credit Risk Scorecards, Wiley, ch. 9; Yurdakul & Naranjo (2020), J. Risk Model Validation 14
 */
export function measureDrift(calibration: Calibration, profiles: readonly ScanProfile[]): Drift {
  const tenth = new Array<number>(10).fill(0.1);
  const scoreClasses = [1, ...SCORE_SHARES].map((share, i) => share - (SCORE_SHARES[i] ?? 0));
  const expected = profiles.map((profile) => inputsUnder(calibration, profile.incidenceDeg));
  const seen = profiles.map(tenthsOf);
  const inputDrift = (of: 'brightness' | 'contrast', histogram: 'brightness' | 'contrasts'): InputDrift => ({
    index: stabilityIndex(
      meanShares(
        profiles.map((profile, i) =>
          classShares(
            profile[histogram],
            expected[i]![of].map((limit) => placeIn[histogram](limit)),
          ),
        ),
      ),
      tenth,
    ),
    quantiles: SHOWN.map((share) => {
      const at = Math.round(share * 10) - 1;
      return {
        share,
        seen: mean(seen.map((tenths) => tenths[of][at]!)),
        expected: mean(expected.map((tenths) => tenths[of][at]!)),
      };
    }),
  });
  return {
    brightness: inputDrift('brightness', 'brightness'),
    contrast: inputDrift('contrast', 'contrasts'),
    score: scoreDrift(calibration, profiles, scoreClasses),
  };
}

function scoreDrift(
  calibration: Calibration,
  profiles: readonly ScanProfile[],
  classes: readonly number[],
): InputDrift {
  const { axis } = calibration;
  const scans = profiles.map((profile) => {
    const scoreAt = scoreOnAxis(calibration, conditionOf(profile));
    const { first, counts } = profile.scores;
    // Each bin's tiles spread over the calibrated scores between its edges.
    const scores = counts.map((_, i) => ({
      low: scoreAt(axis.from + (first + i) * axis.step),
      high: scoreAt(axis.from + (first + i + 1) * axis.step),
    }));
    const total = counts.reduce((a, b) => a + b, 0);
    const above = (limit: number): number =>
      counts.reduce((sum, count, i) => {
        const { low, high } = scores[i]!;
        return sum + (count * Math.min(Math.max((high - limit) / (high - low), 0), 1)) / total;
      }, 0);
    const shares = [1, ...SCORE_SHARES.map((share) => above(-Math.log10(share))), 0];
    return { shares: shares.slice(1).map((share, i) => shares[i]! - share), above };
  });
  return {
    index: stabilityIndex(meanShares(scans.map(({ shares }) => shares)), classes),
    quantiles: SHOWN.map((share) => ({
      share,
      seen: mean(scans.map(({ above }) => quantileOf(above, share))),
      expected: -Math.log10(1 - share),
    })),
  };
}

/** Calibrated score that a share of the tiles stays below. */
function quantileOf(above: (limit: number) => number, share: number): number {
  let [low, high] = [0, 1000];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (above(middle) > 1 - share) low = middle;
    else high = middle;
  }
  return low;
}

/** Shares of a histogram below, between and above ascending limits, given in its bins. */
export function classShares({ first, counts }: Histogram, limits: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const below = (limit: number): number =>
    counts.reduce((sum, count, i) => sum + count * Math.min(Math.max(limit - first - i, 0), 1), 0) / total;
  const steps = [0, ...limits.map(below), 1];
  return steps.slice(1).map((step, i) => step - steps[i]!);
}

/** Sum over classes of (seen - expected) ln(seen / expected). */
export function stabilityIndex(seen: readonly number[], expected: readonly number[]): number {
  return seen.reduce((sum, share, i) => {
    const [a, e] = [Math.max(share, LEAST_SHARE), Math.max(expected[i]!, LEAST_SHARE)];
    return sum + (a - e) * Math.log(a / e);
  }, 0);
}

function meanShares(shares: readonly (readonly number[])[]): number[] {
  return shares[0]!.map((_, i) => mean(shares.map((of) => of[i]!)));
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
