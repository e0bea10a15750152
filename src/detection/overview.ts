import type { Strip } from '../domain/raster.js';
import { SCORE_STEPS, type ScanOverview } from '../domain/overview.js';
import type { TileGrid } from '../domain/tile.js';
import { CELL_SAMPLING, cellsOfStrip, type StripGrey } from '../domain/strip-grey.js';

/** Cells of an overview at most: some tens of kB when compressed. */
const MOST_CELLS = 100_000;
const SMALLEST_CELL = 8;
/** Share of a cell's samples that must hold data. */
const LEAST_DATA = 0.5;

/** Side of an overview's cells, pixels: the smallest power of two, from 8, that keeps the overview small. */
export function overviewCell(samples: number, lines: number): number {
  let cell = SMALLEST_CELL;
  while (Math.ceil(samples / cell) * Math.ceil(lines / cell) > MOST_CELLS) cell *= 2;
  return cell;
}

/** Averages an image's grey levels over cells, strip by strip. */
export class OverviewMaker {
  readonly cell: number;
  readonly columns: number;
  readonly rows: number;
  readonly #samples: number;
  readonly #lines: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  #nextLine = 0;

  constructor(samples: number, lines: number) {
    this.#samples = samples;
    this.#lines = lines;
    this.cell = overviewCell(samples, lines);
    this.columns = Math.ceil(samples / this.cell);
    this.rows = Math.ceil(lines / this.cell);
    this.#sums = new Float64Array(this.columns * this.rows);
    this.#counts = new Uint32Array(this.columns * this.rows);
  }

  /** Strips come from the first line to the last and may overlap. */
  add(strip: Strip): void {
    this.merge(cellsOfStrip(strip, { fromLine: this.#nextLine, cell: this.cell }));
    this.#nextLine = Math.max(this.#nextLine, strip.firstLine + strip.lines);
  }

  /** Adds what a strip's own lines give, summed elsewhere with this overview's cells; in any order. */
  merge({ firstRow, sums, counts }: Omit<StripGrey, 'levels'>): void {
    const from = firstRow * this.columns;
    for (let i = 0; i < sums.length; i++) {
      this.#sums[from + i]! += sums[i]!;
      this.#counts[from + i]! += counts[i]!;
    }
  }

  /** Mean grey level of each cell, 1 to 255; 0 where less than half of a cell holds data. */
  grey(): Uint8Array {
    const levels = new Uint8Array(this.#sums.length);
    for (let i = 0; i < levels.length; i++) {
      const column = i % this.columns;
      const row = (i - column) / this.columns;
      const across = Math.min(this.cell, this.#samples - column * this.cell);
      const along = Math.min(this.cell, this.#lines - row * this.cell);
      const count = this.#counts[i]!;
      const whole = Math.ceil(across / CELL_SAMPLING) * Math.ceil(along / CELL_SAMPLING);
      if (count === 0 || count < LEAST_DATA * whole) continue;
      levels[i] = Math.min(255, Math.max(1, Math.round(this.#sums[i]! / count)));
    }
    return levels;
  }
}

/**
 * Highest score of the tiles that reach into each cell of an overview.
 *
 * @param raw of each tile, row by row; NaN where masked
 * @param calibrate raw score to -log10 of its probability, increasing
 */
export function overviewScores(
  { columns, rows, cell }: Pick<ScanOverview, 'columns' | 'rows' | 'cell'>,
  { xs, ys, size }: TileGrid,
  raw: Float32Array,
  calibrate: (raw: number) => number,
): Uint8Array {
  const highest = new Float32Array(columns * rows).fill(NaN);
  ys.forEach((y, row) => {
    xs.forEach((x, column) => {
      const score = raw[row * xs.length + column]!;
      if (Number.isNaN(score)) return;
      for (let r = Math.floor(y / cell); r < rows && r * cell < y + size; r++) {
        for (let c = Math.floor(x / cell); c < columns && c * cell < x + size; c++) {
          const before = highest[r * columns + c]!;
          if (!(before >= score)) highest[r * columns + c] = score;
        }
      }
    });
  });
  const steps = new Uint8Array(highest.length);
  highest.forEach((score, i) => {
    if (Number.isNaN(score)) return;
    steps[i] = Math.min(255, Math.max(1, Math.ceil(1 + SCORE_STEPS * calibrate(score))));
  });
  return steps;
}
