import type { TileParts } from '../domain/tile.js';

/** What is known of an image's tiles once it is scored; arrays run row by row over the grid. */
export interface TileScores {
  /** The default score; NaN where a tile is masked. */
  readonly raw: Float32Array;
  /** All named raw scores of some tiles, in their order. */
  readonly named: (tiles: readonly number[]) => Readonly<Record<string, Float32Array>>;
  /** `threshold` = median + k * 1.4826 MAD of the image's own raw scores; null where all is masked. */
  readonly statistics: { readonly threshold: number } | null;
}

/** Orders tiles: negative when tile `a` comes before tile `b`. */
export type TileOrder = (a: number, b: number) => number;

/**
 * Best first: by the default score, then by the sun-directed response that was not yet clipped, then in
 * reading order, so that the order never depends on how tiles were found.
 */
export function bestFirst(parts: Pick<TileParts, 'tri'>, raw: Float32Array): TileOrder {
  return (a, b) => raw[b]! - raw[a]! || parts.tri[b]! - parts.tri[a]! || a - b;
}

/** Tiles that reach the image's own robust threshold, in reading order. */
export function candidateTiles({ raw, statistics }: TileScores): number[] {
  if (statistics === null) return [];
  const tiles: number[] = [];
  for (let tile = 0; tile < raw.length; tile++) if (raw[tile]! >= statistics.threshold) tiles.push(tile);
  return tiles;
}
