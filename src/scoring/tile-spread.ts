import type { ContrastField } from './contrast-field.js';

/** Steps of the histogram that medians are read from: half a DN in the middle of the scale. */
const STEP = 1 / 512;
const BINS = 2048;

/** Median absolute deviation of the local contrast over a tile. Holds scratch space. */
export class TileSpread {
  readonly #counts = new Int32Array(BINS);

  /** @param x,y upper-left pixel in the field's area. */
  of(field: ContrastField, x: number, y: number, size: number): number {
    const median = this.#median(field, x, y, size, (value) => value + (BINS / 2) * STEP) - (BINS / 2) * STEP;
    return this.#median(field, x, y, size, (value) => Math.abs(value - median));
  }

  #median(
    field: ContrastField,
    x: number,
    y: number,
    size: number,
    measure: (value: number) => number,
  ): number {
    const counts = this.#counts.fill(0);
    const { values, stride, margin } = field;
    for (let row = 0; row < size; row++) {
      const from = (y + row + margin) * stride + x + margin;
      for (let i = from; i < from + size; i++) {
        counts[Math.min(Math.max(Math.floor(measure(values[i]!) / STEP), 0), BINS - 1)]!++;
      }
    }
    const half = (size * size) / 2;
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const inBin = counts[bin]!;
      if (seen + inBin > half) return (bin + (half - seen) / inBin) * STEP;
      seen += inBin;
    }
    return BINS * STEP;
  }
}
