import { TILE_STATES, type TileParts } from '../domain/tile.js';
import type { ScoreStatistics } from '../domain/scan.js';
import { MAD_TO_SIGMA, quantile, robustSpread, sortedNumbers, type RobustSpread } from './robust.js';

/** Raw scores that every tile has, by the names they are stored under. */
export const SCORE_NAMES = [
  'l2',
  'mu_norm',
  'vae2024',
  'bright',
  'bright_peak',
  'tri',
  'a',
  'z_a',
  'z_bright',
  'b',
] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** How the terrain of one image, or of many, scores: what a tile is measured against. */
export interface PooledStatistics {
  /** Image median of the tiles' `mad`. */
  readonly mad: number;
  /** Natural logarithm of A and of the bright residual at A's peak. */
  readonly logA: RobustSpread;
  readonly logBright: RobustSpread;
}

/** Scores of all tiles of one image; NaN where a tile is masked. */
export interface ImageScores {
  /** The default score, `b`. */
  readonly raw: Float32Array;
  readonly named: Readonly<Record<ScoreName, Float32Array>>;
  /** Of `raw`; `null` when every tile is masked. */
  readonly statistics: ScoreStatistics | null;
  /** What the tiles were normalised by. */
  readonly terrain: PooledStatistics;
}

/** Fewer scored tiles do not tell what the terrain is like. */
export const FEWEST_TILES = 100;
const Z_RANGE = { min: -3, max: 12 };
/** Keeps an image without any texture from blowing its noise up. */
const LEAST_LOG_SIGMA = 0.05;
const LEAST_SPREAD = 1e-3;
const LEAST_BRIGHT = 1e-4;
const SCORED = TILE_STATES.indexOf('scored');

/**
 * Named scores of an image's tiles, made after its last strip so that nothing depends on running statistics:
 *
 *   a = tri / max(mad, half the image's median mad)
 *   z = (log s - median) / (1.4826 MAD), clipped to [-3, 12]
 *   b = mean(z_a, z_bright), the default score; vae2024 = l2² + 4 mu_norm²
 *
 * z_bright is of the residual where TRI peaks: with the tile's maximum b was worse than a alone on real crops
 * with landers drawn in (AP .28 against .36), with the peak's it is better (.43; npm run bench:quality).
 *
 * `mad` is that of the pixels over their median: as `tri` it is a contrast, so that light and stretch cancel.
 * On 13 real crops with 825 landers drawn in, z_a puts 37 % of them into the top 0.2 % of tiles with it, 29 %
 * with the spread of the local contrast and 12 % with that of the pixels alone (means of three draws, on the
 * crops that it was chosen on).
 *
 * An image with fewer than 100 scored tiles is measured against `pooled` statistics, if there are any.
 *
 * @param thresholdSigma robust standard deviations above the median from which a tile is a candidate.
 */
export function normaliseImage(
  parts: TileParts,
  pooled: PooledStatistics | null,
  o: { thresholdSigma: number } = { thresholdSigma: 4 },
): ImageScores {
  const scored = parts.state.reduce((count, state) => count + (state === SCORED ? 1 : 0), 0);
  const terrain = pooled && scored < FEWEST_TILES ? pooled : terrainOf(parts);
  const named = scoreTiles(parts, terrain);
  return { raw: named.b, named, statistics: statisticsOf(named.b, o.thresholdSigma), terrain };
}

/** Named scores of tiles measured against a given terrain. */
export function scoreTiles(parts: TileParts, terrain: PooledStatistics): Record<ScoreName, Float32Array> {
  const a = contrastScore(parts, terrain.mad);
  const zA = standardise(a, terrain.logA);
  const zBright = standardise(floored(parts.brightPeak, LEAST_BRIGHT), terrain.logBright);
  return {
    l2: parts.l2,
    mu_norm: parts.muNorm,
    vae2024: parts.l2.map((l2, i) => l2 * l2 + 4 * parts.muNorm[i]! ** 2),
    bright: parts.bright,
    bright_peak: parts.brightPeak,
    tri: parts.tri,
    a,
    z_a: zA,
    z_bright: zBright,
    b: zA.map((z, i) => (z + zBright[i]!) / 2),
  };
}

function terrainOf(parts: TileParts): PooledStatistics {
  const mad = quantile(sortedNumbers(parts.mad), 0.5);
  return {
    mad,
    logA: robustSpread(sortedNumbers(contrastScore(parts, mad).map(Math.log))),
    logBright: robustSpread(sortedNumbers(floored(parts.brightPeak, LEAST_BRIGHT).map(Math.log))),
  };
}

function contrastScore(parts: TileParts, imageMad: number): Float32Array {
  return parts.tri.map((tri, i) => tri / Math.max(parts.mad[i]!, 0.5 * imageMad, LEAST_SPREAD));
}

function floored(values: Float32Array, least: number): Float32Array {
  return values.map((value) => Math.max(value, least));
}

function standardise(values: Float32Array, spread: RobustSpread): Float32Array {
  const sigma = Math.max(MAD_TO_SIGMA * spread.mad, LEAST_LOG_SIGMA);
  return values.map((value) =>
    Math.min(Math.max((Math.log(value) - spread.median) / sigma, Z_RANGE.min), Z_RANGE.max),
  );
}

function statisticsOf(raw: Float32Array, thresholdSigma: number): ScoreStatistics | null {
  const sorted = sortedNumbers(raw);
  if (sorted.length === 0) return null;
  const { median, mad } = robustSpread(sorted);
  return {
    count: sorted.length,
    median,
    mad,
    p99: quantile(sorted, 0.99),
    max: sorted[sorted.length - 1]!,
    threshold: median + thresholdSigma * MAD_TO_SIGMA * mad,
  };
}
