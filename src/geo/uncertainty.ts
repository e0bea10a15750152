import { DEGREE } from './sphere.js';
import { MOON_RADIUS_M } from '../domain/geometry.js';

/**
 * What a rigorous camera differs from bilinear corners, as a 95 % radius per metre of image length.
 * Seen: 32 m at most over 79.5 km (M103595705LE), 47 m at most over 83 km (M102128467R): 5.7e-4.
 */
const RESIDUAL_PER_METRE = 6e-4;

/**
 * Standard deviation of the Moon's height over the reference sphere, metres: an assumption for any place
 * whose height is not known (the extremes are -9.1 and +10.8 km).
 */
export const HEIGHT_SIGMA_M = 2200;

/**
 * Correlation of two corners' rounding errors. They are rounded on one grid, so where two corners differ by
 * nearly whole steps their errors agree instead of cancelling. Independent errors would hold 94.7 % of
 * M103595705LE under shifts of the whole grid (its left and right corners are 29.93 steps apart), 0.1 holds
 * 96.4 %, and 98.8 % when each corner is shifted alone.
 */
const ROUNDING_CORRELATION = 0.1;

/** Ratio of the 95 % radius to the standard deviation per axis of a round normal distribution. */
export const ROUND_95 = 2.4477;

export interface UncertaintySources {
  /** Bilinear weights of the four corners at the place. */
  readonly weights: readonly number[];
  /** Half-width of the corners' rounding, degrees of latitude and of longitude. */
  readonly roundingDeg: number;
  readonly latDeg: number;
  /** Length of the image on the ground, metres. */
  readonly lengthM: number;
  readonly emissionDeg: number;
  /** Diameter of the object's peak, metres. */
  readonly peakSizeM: number;
  /** Standard deviation of the height over the reference sphere, metres; by default that of any place. */
  readonly heightSigmaM?: number;
}

/**
 * Radius in metres that holds the true place 95 times of 100. Independent variances add per axis:
 *
 * - rounding: uniform, h^2/3 * (0.9 sum(w_i^2) + 0.1) with h = R * roundingDeg in latitude and h cos(lat) in
 *   longitude; alone a radius of 122 m (centre) to 214 m (corner) for 0.005 deg;
 * - ground model: normal, 95 % radius 6e-4 of the image's length;
 * - peak: uniform in a disc of half the peak's size, (size / 4)^2;
 * - height: normal, (2200 m, or what is known of it, times tan(emission))^2, along one unknown direction, hence on the worse axis.
 *
 * The radius of the resulting ellipse is `radius95`, as if errors were normal; against a Monte Carlo of four
 * corners rounded independently it is 12 to 19 % too large, nowhere too small.
 */
export function uncertaintyM(sources: UncertaintySources): number {
  const squares = sources.weights.reduce((sum, w) => sum + w * w, 0);
  const halfWidth = MOON_RADIUS_M * sources.roundingDeg * DEGREE;
  const rounding =
    ((halfWidth * halfWidth) / 3) * ((1 - ROUNDING_CORRELATION) * squares + ROUNDING_CORRELATION);
  const cosLat = Math.cos(sources.latDeg * DEGREE);
  const round = ((RESIDUAL_PER_METRE * sources.lengthM) / ROUND_95) ** 2 + (sources.peakSizeM / 4) ** 2;
  const { heightSigmaM = HEIGHT_SIGMA_M } = sources;
  const height = (heightSigmaM * Math.tan(sources.emissionDeg * DEGREE)) ** 2;
  return radius95(Math.sqrt(rounding + round + height), Math.sqrt(rounding * cosLat * cosLat + round));
}

/**
 * Radius of the circle that holds 95 % of a centred normal distribution with standard deviations `major` >=
 * `minor` on its axes. A cubic in their ratio, within 0.5 % of a Monte Carlo at ratios 0, 0.3, 0.6 and 1.
 */
export function radius95(major: number, minor: number): number {
  if (major === 0) return 0;
  const q = minor / major;
  return major * (1.96079 + q * (0.004121 + q * (0.114276 + q * 0.371625)));
}
