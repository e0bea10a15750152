import { UNCONFIRMED, type TileParts } from '../../domain/tile.js';
import { rawScores, type PooledStatistics, type ScoreName } from '../normalise.js';
import { partsInTurn } from '../pick-parts.js';
import type { PartBounds } from './part-bounds.js';
import { partEnds } from './part-ends.js';

/** Between which values the default score of each tile lies in fp32; NaN where it is masked. */
export interface RawBounds {
  readonly lo: Float32Array;
  readonly hi: Float32Array;
  /** 1 where the tile's peak may be that of the learned scorer instead of TRI's. */
  readonly mayMove: Uint8Array;
}

/** Room for the rounding of ends and of logarithms, as a share of the score. */
const ROUNDING = 1e-5;

/**
 * Bounds of the default score from those of its parts: no named score falls while a part rises, so that the least
 * parts give the least score and the most parts the most, by the very formula that scores are made by.
 *
 * @param bounds of screened parts; null where none was screened
 */
export function rawBounds(
  parts: TileParts,
  terrain: PooledStatistics,
  score: ScoreName | undefined,
  bounds: PartBounds | null,
): RawBounds {
  const lo = new Float32Array(parts.count);
  const hi = new Float32Array(parts.count);
  const mayMove = new Uint8Array(parts.count);
  for (const { from, some } of partsInTurn(parts)) {
    const { least, most } = partEnds(some, bounds);
    lo.set(rawScores(least, terrain, score), from);
    hi.set(rawScores(most, terrain, score), from);
    for (let i = 0, tile = from; i < some.count; i++, tile++) {
      if ((some.marks[i]! & UNCONFIRMED) === 0) continue;
      lo[tile]! -= ROUNDING * Math.max(1, Math.abs(lo[tile]!));
      hi[tile]! += ROUNDING * Math.max(1, Math.abs(hi[tile]!));
      // A kept logit of 0 may have been a little more.
      if (most.lander[i]! >= 0) mayMove[tile] = 1;
    }
  }
  return { lo, hi, mayMove };
}
