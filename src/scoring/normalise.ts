import { NO_LOGIT, NO_TRACKS, TILE_MARKS, TILE_STATES, type TileParts } from '../domain/tile.js';
import type { ScoreStatistics } from '../domain/scan.js';
import { partsInTurn, pickParts } from './pick-parts.js';
import { MAD_TO_SIGMA, quantile, robustSpread, sortedNumbers, type RobustSpread } from './robust.js';
import { clippedZ, logsOf, unpacked } from './tile-arithmetic.js';

/** Raw scores that need no hardware to learn from, by the names they are stored under. */
export const LABEL_FREE_NAMES = [
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
/** Those of the learned scorer, which a model has or has not. */
export const LEARNED_NAMES = ['lander', 'small', 'tracks', 'z_lander', 'z_small', 'z_tracks', 'c'] as const;
/** All raw scores. */
export const SCORE_NAMES = [...LABEL_FREE_NAMES, ...LEARNED_NAMES] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** Raw scores of tiles by name; those of the learned scorer are absent where the model has none. */
export type ScoreArrays = Readonly<Record<(typeof LABEL_FREE_NAMES)[number], Float32Array>> &
  Readonly<Partial<Record<(typeof LEARNED_NAMES)[number], Float32Array>>>;

/** The scores that a model gives. */
export function scoreNamesOf(model: { readonly hardwarePath: string | null }): readonly ScoreName[] {
  return model.hardwarePath === null ? LABEL_FREE_NAMES : SCORE_NAMES;
}

/** @throws RangeError for what is no score's name. */
export function scoreNamed(text: string): ScoreName {
  const name = SCORE_NAMES.find((one) => one === text);
  if (name === undefined) throw new RangeError(`there is no score ${text}`);
  return name;
}

/**
 * One score of all tiles.
 * @throws RangeError where the model has no learned scorer and the score is its.
 */
export function scoresNamed(named: ScoreArrays, name: ScoreName): Float32Array {
  const scores = named[name];
  if (scores === undefined) throw new RangeError(`the model gives no score ${name}`);
  return scores;
}

/** How the terrain of one image, or of many, scores: what a tile is measured against. */
export interface PooledStatistics {
  /** Image median of the tiles' `mad`. */
  readonly mad: number;
  /** Natural logarithm of A and of the bright residual at A's peak. */
  readonly logA: RobustSpread;
  readonly logBright: RobustSpread;
  /** Of the learned logits, where the model gives them. */
  readonly lander?: RobustSpread | undefined;
  readonly small?: RobustSpread | undefined;
  readonly tracks?: RobustSpread | undefined;
}

/** Scores of all tiles of one image; NaN where a tile is masked. */
export interface ImageScores {
  /** The model's default score. */
  readonly raw: Float32Array;
  /** All scores of some tiles, in their order, or of all; worked out when they are asked for. */
  readonly named: (tiles?: readonly number[]) => ScoreArrays;
  /** Of `raw` of the sampled tiles; `null` when every tile is masked. */
  readonly statistics: ScoreStatistics | null;
  /** What the tiles were normalised by. */
  readonly terrain: PooledStatistics;
}

/** Fewer scored tiles do not tell what the terrain is like. */
export const FEWEST_TILES = 100;
/** Keeps an image without any texture from blowing its noise up. */
const LEAST_LOG_SIGMA = 0.05;
/** The same for a learned logit. */
const LEAST_LOGIT_SIGMA = 0.1;
const LEAST_SPREAD = 1e-3;
const LEAST_BRIGHT = 1e-4;
const SCORED = TILE_STATES.indexOf('scored');

/**
 * Named scores of an image's tiles, made after its last strip so that nothing depends on running statistics:
 *
 *   a = tri / max(mad, half the image's median mad)
 *   z = (log s - median) / (1.4826 MAD), clipped to [-3, 12]
 *   b = mean(z_a, z_bright), the default score of a model without a learned scorer; vae2024 = l2² + 4 mu_norm²
 *   z_lander, z_small, z_tracks = (logit - median) / (1.4826 MAD), clipped alike
 *   c = (4 z_lander + 2 z_a + z_bright) / 7, the default score of a model with one
 *
 * z_bright is of the residual where TRI peaks: the tile's maximum is mostly some other crater's wall, and made b
 * worse than a alone on real crops with landers drawn in.
 *
 * `mad` is that of the pixels over their median: as `tri` it is a contrast, so that light and stretch cancel. It
 * served better than the spread of the local contrast, and that better than the spread of the pixels alone.
 * c weighs the learned logit most: so it found most landers on crops that its net had not seen
 * (npm run bench:quality measures them all, by drawings of another hand).
 *
 * An image with fewer than 100 scored tiles is measured against `pooled` statistics, if there are any.
 *
 * @param o.thresholdSigma robust standard deviations above the median from which a tile is a candidate
 * @param o.score the model's default score; without it `c` where there is a learned scorer, `b` where not
 * @param o.sampled medians and spreads are of the tiles marked as sampled, which are scored in fp32; false = of all
 * @throws RangeError where the default score is the learned scorer's and it said nothing
 */
export function normaliseImage(
  parts: TileParts,
  pooled: PooledStatistics | null,
  o: { thresholdSigma: number; score?: ScoreName; sampled?: boolean } = { thresholdSigma: 4 },
): Omit<ImageScores, 'named'> & { readonly named: ScoreArrays } {
  const measured = measureImage(parts, pooled, o);
  const named = scoreTiles(parts, measured.terrain);
  return {
    ...measured,
    raw: defaultScore(named, measured.statistics === null ? undefined : o.score),
    named,
  };
}

/** What the tiles of an image are measured against, and its statistics: `normaliseImage` without the scores. */
export function measureImage(
  parts: TileParts,
  pooled: PooledStatistics | null,
  o: { thresholdSigma: number; score?: ScoreName; sampled?: boolean },
): Pick<ImageScores, 'terrain' | 'statistics'> {
  const sample = o.sampled === true ? sampleOf(parts) : parts;
  const scored = sample.state.reduce((count, state) => count + (state === SCORED ? 1 : 0), 0);
  const terrain = pooled && scored < FEWEST_TILES ? pooled : terrainOf(sample);
  // Where all is masked there is no learned score either, nor any other.
  const score = scored === 0 ? undefined : o.score;
  const statistics = statisticsOf(defaultScore(scoreTiles(sample, terrain), score), o.thresholdSigma);
  return { statistics, terrain };
}

/** @param score its name; without it `c` where there is a learned scorer, `b` where not */
export function defaultScore(named: ScoreArrays, score?: ScoreName): Float32Array {
  return score === undefined ? (named.c ?? named.b) : scoresNamed(named, score);
}

/** Those of the tiles that are marked as sampled. */
function sampleOf(parts: TileParts): TileParts {
  const tiles: number[] = [];
  parts.marks.forEach((marks, tile) => {
    if (marks & TILE_MARKS.sampled) tiles.push(tile);
  });
  return pickParts(parts, tiles);
}

/** Named scores of tiles measured against a given terrain. */
export function scoreTiles(parts: TileParts, terrain: PooledStatistics): ScoreArrays {
  const { count, l2, muNorm } = parts;
  const a = contrastScore(parts, terrain.mad);
  const zA = clippedZ(logsOf(a), terrain.logA, LEAST_LOG_SIGMA);
  const zBright = clippedZ(logsOf(parts.brightPeak, LEAST_BRIGHT), terrain.logBright, LEAST_LOG_SIGMA);
  const [vae2024, b] = [new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    vae2024[i] = l2[i]! * l2[i]! + 4 * muNorm[i]! ** 2;
    b[i] = (zA[i]! + zBright[i]!) / 2;
  }
  return {
    l2,
    mu_norm: muNorm,
    vae2024,
    bright: parts.bright,
    bright_peak: parts.brightPeak,
    tri: parts.tri,
    a,
    z_a: zA,
    z_bright: zBright,
    b,
    ...learnedScores(parts, terrain, zA, zBright),
  };
}

/**
 * The default score of tiles measured against a given terrain, the very numbers of `scoreTiles`.
 *
 * @param score its name; without it `c` where there is a learned scorer, `b` where not
 * @throws RangeError where the model has no learned scorer and the score is its
 */
export function rawScores(parts: TileParts, terrain: PooledStatistics, score?: ScoreName): Float32Array {
  const raw = new Float32Array(parts.count);
  for (const { from, some } of partsInTurn(parts))
    raw.set(defaultScore(scoreTiles(some, terrain), score), from);
  return raw;
}

function learnedScores(
  parts: TileParts,
  terrain: PooledStatistics,
  zA: Float32Array,
  zBright: Float32Array,
): Partial<ScoreArrays> {
  if (!terrain.lander || !terrain.small || !terrain.tracks) return {};
  const { lander, small, tracks } = logitsOf(parts);
  const zLander = clippedZ(lander, terrain.lander, LEAST_LOGIT_SIGMA);
  const zSmall = clippedZ(small, terrain.small, LEAST_LOGIT_SIGMA);
  const zTracks = clippedZ(tracks, terrain.tracks, LEAST_LOGIT_SIGMA);
  const c = new Float32Array(parts.count);
  for (let i = 0; i < c.length; i++) c[i] = (4 * zLander[i]! + 2 * zA[i]! + zBright[i]!) / 7;
  return { lander, small, tracks, z_lander: zLander, z_small: zSmall, z_tracks: zTracks, c };
}

/** NaN where nothing was said. */
function logitsOf(parts: TileParts): Record<'lander' | 'small' | 'tracks', Float32Array> {
  return {
    lander: unpacked(parts.lander, NO_LOGIT, 1000),
    small: unpacked(parts.small, NO_LOGIT, 1000),
    tracks: unpacked(parts.tracks, NO_TRACKS, 8),
  };
}

function terrainOf(parts: TileParts): PooledStatistics {
  const mad = quantile(sortedNumbers(parts.mad), 0.5);
  return {
    mad,
    logA: robustSpread(sortedNumbers(logsOf(contrastScore(parts, mad)))),
    logBright: robustSpread(sortedNumbers(logsOf(parts.brightPeak, LEAST_BRIGHT))),
    ...learnedTerrain(parts),
  };
}

function learnedTerrain(parts: TileParts): Partial<PooledStatistics> {
  if (parts.lander.every((value) => value === NO_LOGIT)) return {};
  const { lander, small, tracks } = logitsOf(parts);
  return {
    lander: robustSpread(sortedNumbers(lander)),
    small: robustSpread(sortedNumbers(small)),
    tracks: robustSpread(sortedNumbers(tracks)),
  };
}

function contrastScore({ count, tri, mad }: TileParts, imageMad: number): Float32Array {
  const scores = new Float32Array(count);
  for (let i = 0; i < count; i++) scores[i] = tri[i]! / Math.max(mad[i]!, 0.5 * imageMad, LEAST_SPREAD);
  return scores;
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
