import type { PixelPoint } from '../domain/geometry.js';
import type { ScanOverview } from '../domain/overview.js';
import type { ImageMap } from './image-map.js';

/** Regular points of a plane, x to the right, y up the rows. */
export interface PlaneGrid {
  readonly x: number;
  readonly y: number;
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
}

/** Local contrast of an image on a grid, in local standard deviations; 0 where the image has no data. */
export interface ContrastMap {
  readonly values: Float32Array;
  /** 1 = data. */
  readonly valid: Uint8Array;
}

/** Half the side of the window over which contrast is local, grid points: larger than what registers, smaller than shading. */
const WINDOW = 8;
/** Added to the local deviation, grey levels: flat ground has no contrast to make up. */
const FLOOR = 0.5;

/** An image brought onto a grid, its local mean taken away and its local deviation made 1: light and stretch fall out. */
export function contrastMap(overview: ScanOverview, map: ImageMap, grid: PlaneGrid): ContrastMap {
  const { grey, cell } = overview;
  const count = grid.columns * grid.rows;
  const level = new Float32Array(count);
  const valid = new Uint8Array(count);
  if (grey === null) return { values: level, valid };
  const thinned = averaged(overview, grey, Math.max(1, Math.round(grid.step / (map.pixelM * cell))));
  const side = cell * thinned.factor;
  let guess: PixelPoint | undefined;
  for (let row = 0; row < grid.rows; row++) {
    let before = guess;
    for (let column = 0; column < grid.columns; column++) {
      const point = { x: grid.x + column * grid.step, y: grid.y + row * grid.step };
      before = map.pixelAt(point, before);
      if (column === 0) guess = before;
      const value = sampled(thinned, before.sample / side - 0.5, before.line / side - 0.5);
      if (Number.isNaN(value)) continue;
      level[row * grid.columns + column] = value;
      valid[row * grid.columns + column] = 1;
    }
  }
  return { values: normalised(level, valid, grid), valid };
}

interface Thinned {
  readonly factor: number;
  readonly columns: number;
  readonly rows: number;
  /** NaN = no data. */
  readonly levels: Float32Array;
}

/** Means over blocks of cells, so that a coarse grid does not pick single cells. */
function averaged({ columns, rows }: ScanOverview, grey: Uint8Array, factor: number): Thinned {
  const [width, height] = [Math.ceil(columns / factor), Math.ceil(rows / factor)];
  const levels = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let [sum, seen, all] = [0, 0, 0];
      for (let r = row * factor; r < Math.min(rows, (row + 1) * factor); r++) {
        for (let c = column * factor; c < Math.min(columns, (column + 1) * factor); c++) {
          const value = grey[r * columns + c]!;
          all++;
          sum += value;
          if (value > 0) seen++;
        }
      }
      levels[row * width + column] = 2 * seen >= all && seen > 0 ? sum / seen : NaN;
    }
  }
  return { factor, columns: width, rows: height, levels };
}

/** Bilinear between the centres of blocks; NaN beyond them and beside those without data. */
function sampled({ columns, rows, levels }: Thinned, u: number, v: number): number {
  const [column, row] = [Math.floor(u), Math.floor(v)];
  if (!(column >= 0 && row >= 0 && column < columns - 1 && row < rows - 1)) return NaN;
  const [s, t] = [u - column, v - row];
  const i = row * columns + column;
  return (
    (1 - t) * ((1 - s) * levels[i]! + s * levels[i + 1]!) +
    t * ((1 - s) * levels[i + columns]! + s * levels[i + columns + 1]!)
  );
}

function normalised(level: Float32Array, valid: Uint8Array, grid: PlaneGrid): Float32Array {
  const square = level.map((value) => value * value);
  const [sum, squares, seen] = [windowSums(level, grid), windowSums(square, grid), windowSums(valid, grid)];
  return level.map((value, i) => {
    if (valid[i] === 0) return 0;
    const mean = sum[i]! / seen[i]!;
    const variance = Math.max(0, squares[i]! / seen[i]! - mean * mean);
    return (value - mean) / (Math.sqrt(variance) + FLOOR);
  });
}

/** Sums over the window around each point, cut off at the grid's edge. */
function windowSums(values: Float32Array | Uint8Array, { columns, rows }: PlaneGrid): Float64Array {
  const table = summed(values, columns, rows);
  const out = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [Math.max(0, row - WINDOW), Math.min(rows, row + WINDOW + 1)];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.max(0, column - WINDOW), Math.min(columns, column + WINDOW + 1)];
      out[row * columns + column] = boxSum(table, columns, left, top, right, bottom);
    }
  }
  return out;
}

/** Sums of all values above and to the left; one row and column more than the values. */
export function summed(values: ArrayLike<number>, columns: number, rows: number): Float64Array {
  const table = new Float64Array((columns + 1) * (rows + 1));
  for (let row = 0; row < rows; row++) {
    let line = 0;
    for (let column = 0; column < columns; column++) {
      line += values[row * columns + column]!;
      table[(row + 1) * (columns + 1) + column + 1] = table[row * (columns + 1) + column + 1]! + line;
    }
  }
  return table;
}

/** Sum over [left, right) x [top, bottom) by a table of `summed`. */
export function boxSum(
  table: Float64Array,
  columns: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): number {
  const stride = columns + 1;
  return (
    table[bottom * stride + right]! -
    table[top * stride + right]! -
    table[bottom * stride + left]! +
    table[top * stride + left]!
  );
}
