import { boxSum, summed, type ContrastMap, type PlaneGrid } from './contrast-map.js';
import type { PlanePoint } from '../geo/local-projection.js';

/** Half the side of the window that is found again in the other image, grid points. */
const HALF = 10;
/** Windows at most; where the overlap has room for more, they are set wider apart. */
const MOST_WINDOWS = 240;
const LEAST_SPACING = 8;
/** Share of a window that must hold data, in either image. */
const LEAST_DATA = 0.8;
/** Peaks nearer than this to the best one are part of it, grid points. */
const PEAK_WIDTH = 2;

/** One window of the first image found again in the second. */
export interface Match {
  /** The window's middle as the first image has it. */
  readonly at: PlanePoint;
  /** Where the second has it, less where the first has it. */
  readonly shift: PlanePoint;
  /** Normalised cross-correlation at the peak, 0..1. */
  readonly correlation: number;
  /** The next best peak's part of it. */
  readonly second: number;
}

export interface MatchLimits {
  /** Largest shift that is looked for in either direction, grid points. */
  readonly reach: number;
  readonly leastCorrelation: number;
  /** Above this part of the best peak, a second one makes a match ambiguous. */
  readonly mostSecond: number;
}

/** Looks for windows of `a` in `b`; gives those that match well and clearly, with sub-pixel shifts. */
export function matchWindows(
  a: ContrastMap,
  b: ContrastMap,
  grid: PlaneGrid,
  { reach, leastCorrelation, mostSecond }: MatchLimits,
): Match[] {
  const { columns, rows } = grid;
  const seenA = summed(a.valid, columns, rows);
  const seenB = summed(b.valid, columns, rows);
  const squaresA = summed(a.values.map((v) => v * v), columns, rows); // prettier-ignore
  const squaresB = summed(b.values.map((v) => v * v), columns, rows); // prettier-ignore
  const side = 2 * HALF + 1;
  const least = LEAST_DATA * side * side;
  const sum = (table: Float64Array, column: number, row: number) =>
    boxSum(table, columns, column - HALF, row - HALF, column + HALF + 1, row + HALF + 1);
  const size = 2 * reach + 1;
  const surface = new Float64Array(size * size);

  const windowAt = (column: number, row: number): Match | null => {
    if (sum(seenA, column, row) < least) return null;
    const energy = sum(squaresA, column, row);
    surface.fill(-1);
    let best = -1;
    let bestAt = 0;
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        const [c, r] = [column + dx, row + dy];
        if (c < HALF || r < HALF || c >= columns - HALF || r >= rows - HALF) continue;
        if (sum(seenB, c, r) < least) continue;
        const value = product(a.values, b.values, columns, column, row, c, r);
        const score = value / Math.sqrt(energy * sum(squaresB, c, r) + 1e-12);
        const i = (dy + reach) * size + dx + reach;
        surface[i] = score;
        if (score > best) [best, bestAt] = [score, i];
      }
    }
    if (best < leastCorrelation) return null;
    const [px, py] = [bestAt % size, Math.floor(bestAt / size)];
    // On the border the true peak may lie beyond.
    if (px === 0 || py === 0 || px === size - 1 || py === size - 1) return null;
    const around = [bestAt - 1, bestAt + 1, bestAt - size, bestAt + size].map((i) => surface[i]!);
    if (around.includes(-1)) return null;
    const second = secondPeak(surface, size, px, py) / best;
    if (second > mostSecond) return null;
    const subX = vertex(around[0]!, best, around[1]!);
    const subY = vertex(around[2]!, best, around[3]!);
    return {
      at: { x: grid.x + column * grid.step, y: grid.y + row * grid.step },
      shift: { x: (px - reach + subX) * grid.step, y: (py - reach + subY) * grid.step },
      correlation: best,
      second: Math.max(0, second),
    };
  };

  const found: Match[] = [];
  const spacing = spacingFor(seenA, seenB, grid, least / side / side);
  for (let row = HALF; row < rows - HALF; row += spacing) {
    for (let column = HALF; column < columns - HALF; column += spacing) {
      const match = windowAt(column, row);
      if (match !== null) found.push(match);
    }
  }
  return found;
}

function product(
  a: Float32Array,
  b: Float32Array,
  columns: number,
  columnA: number,
  rowA: number,
  columnB: number,
  rowB: number,
): number {
  let total = 0;
  for (let r = -HALF; r <= HALF; r++) {
    let i = (rowA + r) * columns + columnA - HALF;
    let j = (rowB + r) * columns + columnB - HALF;
    for (let c = -HALF; c <= HALF; c++) total += a[i++]! * b[j++]!;
  }
  return total;
}

/** Grid points between windows, so that those with data in both images are not too many. */
function spacingFor(
  seenA: Float64Array,
  seenB: Float64Array,
  { columns, rows }: PlaneGrid,
  share: number,
): number {
  const area = Math.min(
    boxSum(seenA, columns, 0, 0, columns, rows),
    boxSum(seenB, columns, 0, 0, columns, rows),
  );
  return Math.max(LEAST_SPACING, Math.ceil(Math.sqrt((area * share) / MOST_WINDOWS)));
}

function secondPeak(surface: Float64Array, size: number, px: number, py: number): number {
  let second = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (Math.abs(x - px) <= PEAK_WIDTH && Math.abs(y - py) <= PEAK_WIDTH) continue;
      second = Math.max(second, surface[y * size + x]!);
    }
  }
  return second;
}

/** Where the parabola through three values at -1, 0 and 1 is highest. */
function vertex(before: number, here: number, after: number): number {
  const bend = before - 2 * here + after;
  return bend >= 0 ? 0 : Math.min(0.5, Math.max(-0.5, (before - after) / (2 * bend)));
}
