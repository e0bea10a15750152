import type { NamedScores } from '../domain/detection.js';
import type { TileGrid, TileParts } from '../domain/tile.js';
import { bestFirst, candidateTiles, type TileScores } from './candidates.js';
import { mergeTiles, peakOf, type Pixel } from './merge.js';

/** Least sun-directed response; a tile at it has no peak of its own (see TileParts.tri). */
const NO_RESPONSE = 1e-4;

export interface ObjectOptions {
  /** Most objects kept of one image. */
  readonly budget: number;
  /** Peaks of overlapping tiles within this many pixels are one object. */
  readonly mergeRadiusPx: number;
}

/** One thing that one or more tiles saw, before its pixels are looked at again. */
export interface ObjectCandidate {
  /** 1 = best of the image. */
  readonly rankInImage: number;
  /** Row-major index of the best tile, and its upper-left pixel. */
  readonly tile: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly tileCount: number;
  readonly scoreRaw: number;
  readonly scores: NamedScores;
  /** Where the best tile's response peaks in the image; null where it has none. */
  readonly peak: Pixel | null;
}

/**
 * Objects of one image, best first: tiles above the image's threshold, merged, ranked by their best tile's
 * score, at most `budget` of them.
 */
export function findObjects(
  grid: TileGrid,
  parts: Pick<TileParts, 'tri' | 'peakX' | 'peakY'>,
  scores: TileScores,
  o: ObjectOptions,
): ObjectCandidate[] {
  const order = bestFirst(parts, scores.raw);
  const groups = mergeTiles(grid, parts, candidateTiles(scores), o.mergeRadiusPx);
  const objects = groups
    .map((group) => ({ best: [...group].sort(order)[0]!, tileCount: group.length }))
    .sort((a, b) => order(a.best, b.best))
    .slice(0, o.budget);
  const named = Object.entries(scores.named(objects.map(({ best }) => best)));
  return objects.map(({ best, tileCount }, i) => ({
    rankInImage: i + 1,
    tile: best,
    tileX: grid.xs[best % grid.xs.length]!,
    tileY: grid.ys[Math.floor(best / grid.xs.length)]!,
    tileCount,
    scoreRaw: scores.raw[best]!,
    scores: Object.fromEntries(named.map(([name, values]) => [name, values[i]!])),
    // The floor is kept in single precision, so compare with room above it.
    peak: parts.tri[best]! > 1.001 * NO_RESPONSE ? peakOf(grid, parts, best) : null,
  }));
}
