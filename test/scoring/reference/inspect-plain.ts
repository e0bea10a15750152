import type { Strip } from '../../../src/domain/raster.js';
import { TILE_STATES, type TileState } from '../../../src/domain/tile.js';
import { Histogram } from './histogram-plain.js';
import type { MaskOptions } from '../../../src/tiling/mask-options.js';
import { validColumns } from '../../../src/domain/valid-columns.js';

/** What the masks say of one tile. */
export interface TileInspection {
  /** Index into TILE_STATES. */
  state: number;
  /** Median DN of the tile's valid pixels; 0 when it has none. */
  median: number;
  /** Their median absolute deviation as a share of that median (at least 0.05 of full scale). */
  spread: number;
  /** Detector and null pixels in it. */
  invalid: number;
}

const stateIndex = (state: TileState): number => TILE_STATES.indexOf(state);
const SCORED = stateIndex('scored');
const DETECTOR = stateIndex('detector');
const NULL = stateIndex('null');
const SATURATED = stateIndex('saturated');
const SHADOW = stateIndex('shadow');
/** Darkest level that a spread is measured against, DN. */
const LEAST_LEVEL = 0.05 * 255;

/** Looks at tiles of one strip. Holds scratch space: use one per strip, in one thread. */
export class TileInspector {
  readonly #strip: Strip;
  readonly #nulls: Uint8Array | null;
  readonly #masks: MaskOptions;
  readonly #size: number;
  readonly #columns: { from: number; to: number };
  readonly #histogram = new Histogram();

  /** @param nulls flags as findNullPixels gives them. */
  constructor(strip: Strip, nulls: Uint8Array | null, size: number, masks: MaskOptions) {
    this.#strip = strip;
    this.#nulls = nulls;
    this.#masks = masks;
    this.#size = size;
    this.#columns = validColumns(strip.width);
  }

  /** Why a tile is masked, or that it is scored. @param x,y upper-left pixel in the image. */
  inspect(x: number, y: number): TileInspection {
    const { saturatedDn, shadowDn, maxInvalidShare, maxSaturatedShare, maxShadowShare } = this.#masks;
    const { detector, nulls } = this.#count(x, y);
    const invalid = detector + nulls;
    const histogram = this.#histogram;
    const valid = histogram.close();
    let state = SCORED;
    if (invalid > maxInvalidShare * this.#size ** 2) state = detector > nulls ? DETECTOR : NULL;
    else if (histogram.count(saturatedDn, 255) > maxSaturatedShare * valid) state = SATURATED;
    else if (histogram.count(0, shadowDn) > maxShadowShare * valid) state = SHADOW;
    if (valid === 0) return { state, median: 0, spread: 0, invalid };
    const median = histogram.median();
    const spread = histogram.medianDistance(median) / Math.max(median, LEAST_LEVEL);
    return { state, median: Math.min(Math.max(Math.round(median), 0), 255), spread, invalid };
  }

  /**
   * Copies a tile, its detector and null pixels filled with its median.
   *
   * @param pixels,valid where the tile goes, `size * size` each: DN, and 1 where it is real data.
   */
  cut(x: number, y: number, tile: TileInspection, pixels: Uint8Array, valid: Uint8Array): void {
    const { data, width, firstLine } = this.#strip;
    const size = this.#size;
    for (let row = 0; row < size; row++) {
      const from = (y - firstLine + row) * width + x;
      pixels.set(data.subarray(from, from + size), row * size);
    }
    valid.fill(1, 0, size * size);
    if (tile.invalid === 0) return;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        if (this.#isValid(x + column, y - firstLine + row)) continue;
        pixels[row * size + column] = tile.median;
        valid[row * size + column] = 0;
      }
    }
  }

  #isValid(x: number, stripLine: number): boolean {
    return (
      x >= this.#columns.from &&
      x < this.#columns.to &&
      this.#nulls?.[stripLine * this.#strip.width + x] !== 1
    );
  }

  /** Fills the histogram with the tile's valid pixels and counts the others. */
  #count(x: number, y: number): { detector: number; nulls: number } {
    const { data, width, firstLine } = this.#strip;
    const histogram = this.#histogram;
    histogram.clear();
    const size = this.#size;
    const top = y - firstLine;
    const wholly = this.#nulls === null && x >= this.#columns.from && x + size <= this.#columns.to;
    let detector = 0;
    let nulls = 0;
    for (let line = top; line < top + size; line++) {
      const from = line * width + x;
      if (wholly) {
        histogram.addRun(data, from, from + size);
        continue;
      }
      for (let column = 0; column < size; column++) {
        if (this.#isValid(x + column, line)) histogram.add(data[from + column]!);
        else if (x + column >= this.#columns.from && x + column < this.#columns.to) nulls++;
        else detector++;
      }
    }
    return { detector, nulls };
  }
}
