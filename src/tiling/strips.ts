import type { StripRange } from '../domain/raster.js';
import type { TileGrid } from '../domain/tile.js';

/** Tile rows `[rowFrom, rowTo)` of a grid and the image lines that scoring them needs. */
export interface StripPlan {
  readonly rowFrom: number;
  readonly rowTo: number;
  /** Lines of those tiles and up to `halo` lines above and below, clipped at the image. */
  readonly range: StripRange;
}

/**
 * Groups the rows of a grid into strips that are read, and scored, one at a time.
 *
 * @param height lines of the image.
 * @param o.tileRows rows of tiles a strip; the last strip may have fewer.
 * @param o.halo lines of real neighbours above and below.
 */
export function planStrips(
  grid: TileGrid,
  height: number,
  o: { tileRows: number; halo: number },
): StripPlan[] {
  if (!Number.isInteger(o.tileRows) || o.tileRows < 1) {
    throw new RangeError(`tileRows must be a whole number from 1, not ${o.tileRows}`);
  }
  const plans: StripPlan[] = [];
  for (let rowFrom = 0; rowFrom < grid.ys.length; rowFrom += o.tileRows) {
    const rowTo = Math.min(rowFrom + o.tileRows, grid.ys.length);
    const firstLine = Math.max(0, grid.ys[rowFrom]! - o.halo);
    const endLine = Math.min(height, grid.ys[rowTo - 1]! + grid.size + o.halo);
    plans.push({ rowFrom, rowTo, range: { firstLine, lines: endLine - firstLine } });
  }
  return plans;
}
