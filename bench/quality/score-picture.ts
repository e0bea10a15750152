import type { PixelVector } from '../../src/domain/geometry.js';
import type { TileGrid, TileParts } from '../../src/domain/tile.js';
import { normaliseImage, scoreTiles, type PooledStatistics } from '../../src/scoring/normalise.js';
import type { StripScorer } from '../../src/scoring/score-strip.js';
import { planGrid } from '../../src/tiling/grid.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import type { Grey } from './render/ground.js';

export const TILE = 64;
export const STRIDE = 32;
/** A tile is positive when it holds the object's point so far inside, px. */
export const INSIDE = 8;

/** Scores of tiles by name. */
export type ScoreTable = Readonly<Record<string, Float32Array>>;

export function gridOf(picture: { readonly width: number; readonly height: number }): TileGrid {
  return planGrid(picture, { size: TILE, strideX: STRIDE, strideY: STRIDE });
}

/** Named scores of a picture's tiles, as a scan makes them, and what they were measured against. */
export async function scorePlain(
  strips: StripScorer,
  picture: Grey,
  shadow: PixelVector | null,
): Promise<{ readonly named: ScoreTable; readonly terrain: PooledStatistics }> {
  const { named, terrain } = normaliseImage(await partsOf(strips, picture, shadow), null);
  return { named, terrain };
}

/** The same of a picture with objects drawn in, measured against the plain one. */
export async function scoreAgainst(
  terrain: PooledStatistics,
  strips: StripScorer,
  picture: Grey,
  shadow: PixelVector | null,
): Promise<ScoreTable> {
  return scoreTiles(await partsOf(strips, picture, shadow), terrain);
}

/** Raw score parts of a picture's tiles. */
export function partsOf(strips: StripScorer, picture: Grey, shadow: PixelVector | null): Promise<TileParts> {
  const grid = gridOf(picture);
  const { width, height, data } = picture;
  return strips.score({
    strip: { firstLine: 0, lines: height, width, data },
    plan: { rowFrom: 0, rowTo: grid.ys.length, range: { firstLine: 0, lines: height } },
    grid,
    imageWidth: width,
    imageHeight: height,
    shadow,
    masks: DEFAULT_MASKS,
  });
}

/** Tiles whose inside holds a point. */
export function tilesHolding(grid: TileGrid, { x, y }: { readonly x: number; readonly y: number }): number[] {
  const holds = (from: number, at: number): boolean => at >= from + INSIDE && at < from + TILE - INSIDE;
  const tiles: number[] = [];
  grid.ys.forEach((top, row) =>
    grid.xs.forEach((left, column) => {
      if (holds(top, y) && holds(left, x)) tiles.push(row * grid.xs.length + column);
    }),
  );
  return tiles;
}

/** Pixels of some tiles one after the other. */
export function cutTiles(picture: Grey, grid: TileGrid, tiles: readonly number[]): Uint8Array {
  const out = new Uint8Array(tiles.length * TILE * TILE);
  tiles.forEach((tile, i) => {
    const left = grid.xs[tile % grid.xs.length]!;
    const top = grid.ys[Math.floor(tile / grid.xs.length)]!;
    for (let row = 0; row < TILE; row++) {
      const from = (top + row) * picture.width + left;
      out.set(picture.data.subarray(from, from + TILE), (i * TILE + row) * TILE);
    }
  });
  return out;
}
