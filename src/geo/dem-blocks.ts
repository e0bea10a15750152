import type { LonLat } from '../domain/geometry.js';
import type { DemGrid } from './dem-grid.js';
import type { Terrain } from './terrain.js';

/** Samples on a side of a block that is held whole. */
export const BLOCK = 256;
/** Blocks of four bytes a sample that one image's terrain may take: 96 MiB. */
const MAX_BLOCKS = 384;

/** Which blocks of a raster an image needs, of every `step`-th sample. */
export interface BlockPlan {
  readonly step: number;
  /** Blocks in a row of the thinned raster. */
  readonly columns: number;
  /** Row-major numbers of blocks, ascending. */
  readonly blocks: readonly number[];
}

/**
 * The blocks that hold all places within a radius of some. Where they are too many for the memory, as with a DEM
 * of metres under a long image, only every second sample is taken, or every fourth, until they are few enough.
 */
export function planBlocks(grid: DemGrid, places: readonly LonLat[], radiusM: number): BlockPlan {
  for (let step = 1; ; step *= 2) {
    const size = BLOCK * step;
    const columns = Math.ceil(grid.width / size);
    const rows = Math.ceil(grid.height / size);
    const found = new Set<number>();
    for (const { lon, lat } of places) {
      const box = grid.boxAround(lon, lat, radiusM);
      if (Number.isNaN(box.left + box.top)) continue;
      // Interpolation takes the next sample, too.
      const top = Math.max(0, Math.floor((box.top - step) / size));
      const bottom = Math.min(rows - 1, Math.floor((box.bottom + step) / size));
      for (const column of columnsOf(box.left - step, box.right + step, size, grid))
        for (let row = top; row <= bottom; row++) found.add(row * columns + column);
    }
    if (found.size <= MAX_BLOCKS || columns * rows === 1)
      return { step, columns, blocks: [...found].sort((a, b) => a - b) };
  }
}

function* columnsOf(left: number, right: number, size: number, grid: DemGrid): Generator<number> {
  const columns = Math.ceil(grid.width / size);
  if (!grid.wraps) {
    const last = Math.min(columns - 1, Math.floor(right / size));
    for (let column = Math.max(0, Math.floor(left / size)); column <= last; column++) yield column;
    return;
  }
  if (right - left >= grid.width - size) {
    for (let column = 0; column < columns; column++) yield column;
    return;
  }
  const around = (pixel: number) => ((pixel % grid.width) + grid.width) % grid.width;
  const last = Math.floor(around(right) / size);
  for (let column = Math.floor(around(left) / size); ; column = (column + 1) % columns) {
    yield column;
    if (column === last) return;
  }
}

/**
 * Terrain of blocks that were read.
 * @param samples metres by number of block, row-major, BLOCK on a side; NaN where there are none
 * @returns null where no sample is known
 */
export function terrainOfBlocks(
  grid: DemGrid,
  { step, columns }: BlockPlan,
  samples: ReadonlyMap<number, Float32Array>,
  sigmaM: number,
): Terrain | null {
  let [lowestM, highestM] = [Infinity, -Infinity];
  const blocks: (Float32Array | undefined)[] = [];
  for (const [number, block] of samples) {
    blocks[number] = block;
    for (const height of block) {
      if (height < lowestM) lowestM = height;
      if (height > highestM) highestM = height;
    }
  }
  if (lowestM > highestM) return null;
  const { width, height, wraps } = grid;
  const [lastColumn, lastRow] = [Math.ceil(width / step) - 1, Math.ceil(height / step) - 1];
  const at = (column: number, row: number): number =>
    blocks[(row >> 8) * columns + (column >> 8)]?.[((row & 255) << 8) | (column & 255)] ?? NaN;
  const pixel = new Float64Array(2);
  return {
    lowestM,
    highestM,
    spacingM: grid.spacingM * step,
    sigmaM,
    heightAt(lon, lat) {
      grid.pixelOf(lon, lat, pixel);
      let [u = NaN, v = NaN] = pixel;
      // A pixel's own area reaches half a pixel beyond its centre.
      if (!(v >= -0.5 && v <= height - 0.5)) return NaN;
      if (!wraps && !(u >= -0.5 && u <= width - 0.5)) return NaN;
      if (wraps && u < 0) u += width;
      u /= step;
      v = Math.min(lastRow, Math.max(0, v / step));
      if (!wraps) u = Math.min(lastColumn, Math.max(0, u));
      const [column, row] = [Math.min(lastColumn, Math.floor(u)), Math.floor(v)];
      const right = column < lastColumn ? column + 1 : wraps ? 0 : column;
      const below = row < lastRow ? row + 1 : row;
      const [a, b] = [u - column, v - row];
      const upper = at(column, row) * (1 - a) + at(right, row) * a;
      const lower = at(column, below) * (1 - a) + at(right, below) * a;
      return upper * (1 - b) + lower * b;
    },
  };
}
