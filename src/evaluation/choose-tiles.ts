import type { Random } from '../domain/random.js';
import type { TileGrid } from '../domain/tile.js';

/** One tile of one of several images. */
export interface TilePlace {
  /** Index of its image. */
  readonly image: number;
  /** Upper-left pixel. */
  readonly x: number;
  readonly y: number;
}

export interface ScoredTile extends TilePlace {
  /** Index in its grid, row by row. */
  readonly tile: number;
  readonly score: number;
}

/** The tiles of an image with one score; NaN where a tile is masked. */
export interface ScoredImage {
  readonly grid: TileGrid;
  readonly scores: Float32Array;
}

/** Every scored tile, image by image, row by row. */
export function scoredTiles(images: readonly ScoredImage[]): ScoredTile[] {
  return images.flatMap(({ grid, scores }, image) =>
    Array.from(scores).flatMap((score, tile): ScoredTile[] => {
      if (Number.isNaN(score)) return [];
      const column = tile % grid.xs.length;
      return [{ image, tile, x: grid.xs[column]!, y: grid.ys[(tile - column) / grid.xs.length]!, score }];
    }),
  );
}

/**
 * The tiles of highest score, none of which overlaps a better one: neighbours show one thing several times.
 * Of equal scores the earlier tile is better.
 *
 * @param size side of a tile, pixels
 */
export function topTiles(tiles: readonly ScoredTile[], count: number, size: number): ScoredTile[] {
  const chosen: ScoredTile[] = [];
  for (const tile of tiles.toSorted((a, b) => b.score - a.score)) {
    if (chosen.length === count) break;
    if (!chosen.some((other) => overlap(tile, other, size))) chosen.push(tile);
  }
  return chosen;
}

/** Tiles drawn at random, each as likely as any other and none twice, in the order of the draw. */
export function drawTiles(tiles: readonly ScoredTile[], count: number, random: Random): ScoredTile[] {
  const pool = [...tiles];
  const drawn = Math.min(count, pool.length);
  for (let i = 0; i < drawn; i++) {
    const j = i + random.integer(pool.length - i);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, drawn);
}

function overlap(a: TilePlace, b: TilePlace, size: number): boolean {
  return a.image === b.image && Math.abs(a.x - b.x) < size && Math.abs(a.y - b.y) < size;
}
