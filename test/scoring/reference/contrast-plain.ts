import { gaussianKernel } from '../../../src/scoring/gaussian-kernel.js';
import type { PixelArea } from '../../../src/scoring/pixel-area.js';
import { CellMean } from './cell-mean-plain.js';
import { RowBlur } from './row-blur-plain.js';

const FINE = { sigma: 0.8, radius: 3 };
const COARSE = { sigma: 4, cell: 2 };
const BACKGROUND = { sigma: 8, cell: 4 };
/** Darkest terrain that contrast is measured against, DN (0.05 of full scale). */
const LEAST_BACKGROUND = 0.05 * 255;
/** Below this weight a mean stands on next to nothing. */
const LEAST_WEIGHT = 1e-3;

/** Local contrast of an area, with a margin that repeats its border so that neighbours need no checks. */
export interface ContrastField {
  /** Value of pixel (x, y) of the area: `values[(y + margin) * stride + x + margin]`. */
  readonly values: Float32Array;
  readonly stride: number;
  readonly margin: number;
  readonly width: number;
  readonly lines: number;
}

/**
 * t = G0.8 * (DoG / max(G8 * x, 0.05)), DoG = G0.8 * x - G4 * x: how much brighter a place is than its
 * surroundings, as a share of their light. Pixels without a measurement weigh nothing (normalised
 * convolution), and where there is none around t is 0.
 *
 * Values within CONTRAST_REACH lines of the area's upper and lower edge are those of the image only where
 * that edge is the image's.
 */
export function contrastField(area: PixelArea, margin: number): ContrastField {
  const { width, lines } = area;
  const stride = width + 2 * margin;
  const length = stride * (lines + 2 * margin);
  const values = new Float32Array(length);
  const fineMean = new FineMean(area);
  const coarseMean = new CellMean(area, COARSE.cell, COARSE.sigma);
  const background = new CellMean(area, BACKGROUND.cell, BACKGROUND.sigma);
  const ratios = new RowBlur(gaussianKernel(FINE.sigma, FINE.radius), width, lines);
  const fine = new Float32Array(width);
  const coarse = new Float32Array(width);
  const level = new Float32Array(width);
  let fed = 0;
  for (let y = 0; y < lines; y++) {
    for (; fed < ratios.needs(y); fed++) {
      coarseMean.row(fed, coarse);
      fineMean.row(fed, fine, coarse);
      background.row(fed, level);
      for (let x = 0; x < width; x++)
        fine[x] = (fine[x]! - coarse[x]!) / Math.max(level[x]!, LEAST_BACKGROUND);
      ratios.feed(fed, fine);
    }
    const row = (y + margin) * stride;
    ratios.emit(y, values.subarray(row + margin, row + margin + width));
    values.fill(values[row + margin]!, row, row + margin);
    values.fill(values[row + margin + width - 1]!, row + margin + width, row + stride);
  }
  for (let m = 0; m < margin; m++) {
    values.copyWithin(m * stride, margin * stride, (margin + 1) * stride);
    values.copyWithin(
      (margin + lines + m) * stride,
      (margin + lines - 1) * stride,
      (margin + lines) * stride,
    );
  }
  return { values, stride, margin, width, lines };
}

/** G0.8 * x, row by row; where there is no measurement it falls back to the coarse mean, for no contrast. */
class FineMean {
  readonly #area: PixelArea;
  readonly #values: RowBlur;
  readonly #weights: RowBlur | null;
  readonly #row: Float32Array;
  #fed = 0;

  constructor(area: PixelArea) {
    const kernel = gaussianKernel(FINE.sigma, FINE.radius);
    this.#area = area;
    this.#values = new RowBlur(kernel, area.width, area.lines);
    this.#weights = area.nulls && new RowBlur(kernel, area.width, area.lines);
    this.#row = new Float32Array(area.width);
  }

  row(y: number, fine: Float32Array, coarse: Float32Array): void {
    for (; this.#fed < this.#values.needs(y); this.#fed++) this.#feed(this.#fed);
    this.#values.emit(y, fine);
    if (!this.#weights) return;
    const weight = this.#row;
    this.#weights.emit(y, weight);
    for (let x = 0; x < weight.length; x++) {
      if (weight[x]! < LEAST_WEIGHT) fine[x] = coarse[x]!;
      else if (weight[x]! < 1 - 1e-5) fine[x] = fine[x]! / weight[x]!;
    }
  }

  #feed(y: number): void {
    const { data, stride, offset, nulls } = this.#area;
    const row = this.#row;
    const from = y * stride + offset;
    for (let x = 0; x < row.length; x++) row[x] = data[from + x]!;
    if (nulls && this.#weights) {
      for (let x = 0; x < row.length; x++) if (nulls[from + x] === 1) row[x] = 0;
      this.#values.feed(y, row);
      for (let x = 0; x < row.length; x++) row[x] = nulls[from + x] === 1 ? 0 : 1;
      this.#weights.feed(y, row);
    } else this.#values.feed(y, row);
  }
}
