import { NO_LOGIT, NO_TRACKS, type TileParts } from '../../../src/domain/tile.js';
import type { PooledStatistics, ScoreArrays } from '../../../src/scoring/normalise.js';
import { MAD_TO_SIGMA, type RobustSpread } from '../../../src/scoring/robust.js';

/** `scoreTiles`, each step over all tiles by `map`. */
export function plainScores(parts: TileParts, terrain: PooledStatistics): ScoreArrays {
  const floored = (values: Float32Array, least: number) => values.map((value) => Math.max(value, least));
  const z = (values: Float32Array, spread: RobustSpread, leastSigma: number): Float32Array => {
    const sigma = Math.max(MAD_TO_SIGMA * spread.mad, leastSigma);
    return values.map((value) => Math.min(Math.max((value - spread.median) / sigma, -3), 12));
  };
  const logits = (kept: Int16Array | Int8Array, none: number, unit: number) =>
    Float32Array.from(kept, (value) => (value === none ? NaN : value / unit));
  const a = parts.tri.map((tri, i) => tri / Math.max(parts.mad[i]!, 0.5 * terrain.mad, 1e-3));
  const zA = z(a.map(Math.log), terrain.logA, 0.05);
  const zBright = z(floored(parts.brightPeak, 1e-4).map(Math.log), terrain.logBright, 0.05);
  const labelFree = {
    l2: parts.l2,
    mu_norm: parts.muNorm,
    vae2024: parts.l2.map((l2, i) => l2 * l2 + 4 * parts.muNorm[i]! ** 2),
    bright: parts.bright,
    bright_peak: parts.brightPeak,
    tri: parts.tri,
    a,
    z_a: zA,
    z_bright: zBright,
    b: zA.map((value, i) => (value + zBright[i]!) / 2),
  };
  if (!terrain.lander || !terrain.small || !terrain.tracks) return labelFree;
  const lander = logits(parts.lander, NO_LOGIT, 1000);
  const small = logits(parts.small, NO_LOGIT, 1000);
  const tracks = logits(parts.tracks, NO_TRACKS, 8);
  const zLander = z(lander, terrain.lander, 0.1);
  return {
    ...labelFree,
    ...{ lander, small, tracks, z_lander: zLander },
    z_small: z(small, terrain.small, 0.1),
    z_tracks: z(tracks, terrain.tracks, 0.1),
    c: zLander.map((value, i) => (4 * value + 2 * zA[i]! + zBright[i]!) / 7),
  };
}
