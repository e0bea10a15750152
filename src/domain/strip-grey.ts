import type { Strip } from './raster.js';
import { validColumns } from './valid-columns.js';

/** Every so many lines and columns count towards an image's brightness: 64 pixels of a tile, 4 million of a NAC image. */
const LEVEL_SAMPLING = 8;
/** Every so many lines and columns enter the mean of a cell of its overview. */
export const CELL_SAMPLING = 2;

/** What is asked of a strip's grey levels. */
export interface GreyPlan {
  /** Lines before it belong to the strip before, which they overlap. */
  readonly fromLine: number;
  /** Side of an overview's cells, pixels. */
  readonly cell: number;
}

/** Grey levels of a strip's own lines; those of all strips together are the image's, whatever their order. */
export interface StripGrey {
  /** Pixels of each of the 256 levels, of every eighth line and column; none of level 0, which is no data. */
  readonly levels: Uint32Array;
  /** Row of cells that the sums begin with; a strip may share its first and last row with its neighbours. */
  readonly firstRow: number;
  /** Sum of the sampled levels of each cell, row by row, over all columns of cells. */
  readonly sums: Float64Array;
  /** Sampled pixels of each cell that hold data. */
  readonly counts: Uint32Array;
}

/** Counts and sums the grey levels of a strip's lines from `fromLine` on. */
export function greyOfStrip(strip: Strip, { fromLine, cell }: GreyPlan): StripGrey {
  return { levels: levelsOfStrip(strip, fromLine), ...cellsOfStrip(strip, { fromLine, cell }) };
}

/** @returns `StripGrey.levels` */
export function levelsOfStrip(strip: Strip, fromLine: number): Uint32Array {
  const levels = new Uint32Array(256);
  const { from, to } = validColumns(strip.width);
  for (const line of sampled(strip, fromLine, LEVEL_SAMPLING)) {
    const row = (line - strip.firstLine) * strip.width;
    for (let x = from; x < to; x += LEVEL_SAMPLING) levels[strip.data[row + x]!]!++;
  }
  levels[0] = 0;
  return levels;
}

export function cellsOfStrip(strip: Strip, { fromLine, cell }: GreyPlan): Omit<StripGrey, 'levels'> {
  const { from, to } = validColumns(strip.width);
  const columns = Math.ceil(strip.width / cell);
  const firstRow = Math.floor(Math.max(strip.firstLine, fromLine) / cell);
  const rows = Math.max(0, Math.ceil((strip.firstLine + strip.lines) / cell) - firstRow);
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  for (const line of sampled(strip, fromLine, CELL_SAMPLING)) {
    const row = (line - strip.firstLine) * strip.width;
    const cells = (Math.floor(line / cell) - firstRow) * columns;
    for (let column = Math.floor(from / cell); column * cell < to; column++) {
      const last = Math.min((column + 1) * cell, to);
      let [sum, count] = [0, 0];
      for (let x = Math.max(column * cell, from); x < last; x += CELL_SAMPLING) {
        const level = strip.data[row + x]!;
        sum += level;
        if (level > 0) count++;
      }
      sums[cells + column]! += sum;
      counts[cells + column]! += count;
    }
  }
  return { firstRow, sums, counts };
}

/** A strip's own lines that are multiples of a step. */
function* sampled(strip: Strip, fromLine: number, step: number): Generator<number> {
  const start = Math.max(strip.firstLine, fromLine);
  const end = strip.firstLine + strip.lines;
  for (let line = Math.ceil(start / step) * step; line < end; line += step) yield line;
}
