import type { Strip } from '../domain/raster.js';
import { TILE_STATES, type TileState } from '../domain/tile.js';
import type { MaskOptions } from './mask-options.js';
import { validColumns } from './valid-columns.js';

/** What the masks say of one tile. */
export interface TileInspection {
  /** Index into TILE_STATES. */
  state: number;
  /** Median DN of the tile's valid pixels; 0 when it has none. */
  median: number;
  /** Detector and null pixels in it. */
  invalid: number;
}

const stateIndex = (state: TileState): number => TILE_STATES.indexOf(state);
const SCORED = stateIndex('scored');
const DETECTOR = stateIndex('detector');
const NULL = stateIndex('null');
const SATURATED = stateIndex('saturated');
const SHADOW = stateIndex('shadow');

/** Looks at tiles of one strip. Holds scratch space: use one per strip, in one thread. */
export class TileInspector {
  readonly #strip: Strip;
  readonly #nulls: Uint8Array | null;
  readonly #masks: MaskOptions;
  readonly #size: number;
  readonly #columns: { from: number; to: number };
  /** Two histograms filled in turn: equal neighbours would wait for each other's count. */
  readonly #even = new Int32Array(256);
  readonly #odd = new Int32Array(256);

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
    const { saturatedDn, shadowDn } = this.#masks;
    this.#even.fill(0);
    this.#odd.fill(0);
    const area = this.#size * this.#size;
    const { detector, nulls } = this.#count(x, y);
    const valid = area - detector - nulls;
    let median = -1;
    let seen = 0;
    let saturated = 0;
    let shadow = 0;
    for (let dn = 0; dn < 256; dn++) {
      const n = this.#even[dn]! + this.#odd[dn]!;
      seen += n;
      if (median < 0 && 2 * seen > valid) median = dn;
      if (dn >= saturatedDn) saturated += n;
      if (dn <= shadowDn) shadow += n;
    }
    const state =
      detector + nulls > this.#masks.maxInvalidShare * area
        ? detector > nulls
          ? DETECTOR
          : NULL
        : saturated > this.#masks.maxSaturatedShare * valid
          ? SATURATED
          : shadow > this.#masks.maxShadowShare * valid
            ? SHADOW
            : SCORED;
    return { state, median: Math.max(0, median), invalid: detector + nulls };
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

  /** Fills the histograms with the tile's valid pixels and counts the others. */
  #count(x: number, y: number): { detector: number; nulls: number } {
    const { data, width, firstLine } = this.#strip;
    const even = this.#even;
    const odd = this.#odd;
    const size = this.#size;
    const top = y - firstLine;
    const wholly = this.#nulls === null && x >= this.#columns.from && x + size <= this.#columns.to;
    let detector = 0;
    let nulls = 0;
    for (let line = top; line < top + size; line++) {
      const from = line * width + x;
      if (wholly) {
        const pairs = from + (size & ~1);
        for (let i = from; i < pairs; i += 2) {
          even[data[i]!]!++;
          odd[data[i + 1]!]!++;
        }
        if (size & 1) even[data[pairs]!]!++;
        continue;
      }
      for (let column = 0; column < size; column++) {
        if (this.#isValid(x + column, line)) even[data[from + column]!]!++;
        else if (x + column >= this.#columns.from && x + column < this.#columns.to) nulls++;
        else detector++;
      }
    }
    return { detector, nulls };
  }
}
