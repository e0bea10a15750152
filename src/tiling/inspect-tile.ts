import type { Strip } from '../domain/raster.js';
import { TILE_STATES, type TileState } from '../domain/tile.js';
import { copySquare } from './copy-square.js';
import { Histogram } from './histogram.js';
import type { MaskOptions } from './mask-options.js';
import { validColumns } from '../domain/valid-columns.js';

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

/** For `inspect` to write to. */
export function nothingSeen(): TileInspection {
  return { state: 0, median: 0, spread: 0, invalid: 0 };
}

const stateIndex = (state: TileState): number => TILE_STATES.indexOf(state);
const SCORED = stateIndex('scored');
const DETECTOR = stateIndex('detector');
const NULL = stateIndex('null');
const SATURATED = stateIndex('saturated');
const SHADOW = stateIndex('shadow');
/** Darkest level that a spread is measured against, DN. */
const LEAST_LEVEL = 0.05 * 255;

/** Most pixels of a quarter of a tile that its counters can hold. */
const MOST_OF_QUARTER = 65_535;

/**
 * Looks at tiles of one strip. Holds scratch space: use one per strip, in one thread.
 *
 * Tiles on a lattice of half their side, which are all of a grid but the ones flush with its far borders, share
 * the histograms of their quarters: each pixel is counted once, not once for each tile it lies in.
 */
export class TileInspector {
  readonly #strip: Strip;
  readonly #nulls: Uint8Array | null;
  readonly #masks: MaskOptions;
  readonly #size: number;
  readonly #columns: { from: number; to: number };
  readonly #histogram = new Histogram();
  /** Of the square counted last. */
  #detector = 0;
  #nullPixels = 0;
  /** Side of a quarter, px; 0 = tiles are not made of quarters. */
  readonly #half: number;
  /** First row of quarters that lies in the strip, on the image's lattice. */
  readonly #quarterRow: number;
  readonly #quarterColumns: number;
  /** 256 counters a quarter. */
  readonly #counts: Uint16Array;
  readonly #counted: Uint8Array;
  readonly #quarterNulls: Uint16Array;

  /** @param nulls flags as findNullPixels gives them. */
  constructor(strip: Strip, nulls: Uint8Array | null, size: number, masks: MaskOptions) {
    this.#strip = strip;
    this.#nulls = nulls;
    this.#masks = masks;
    this.#size = size;
    this.#columns = validColumns(strip.width);
    const half = size / 2;
    this.#half = Number.isInteger(half) && half * half <= MOST_OF_QUARTER ? half : 0;
    this.#quarterRow = Math.ceil(strip.firstLine / half);
    this.#quarterColumns = Math.floor((this.#columns.to - this.#columns.from) / half);
    const rows = Math.max(0, Math.floor((strip.firstLine + strip.lines) / half) - this.#quarterRow);
    const quarters = this.#half === 0 ? 0 : this.#quarterColumns * rows;
    this.#counts = new Uint16Array(quarters * 256);
    this.#counted = new Uint8Array(quarters);
    this.#quarterNulls = new Uint16Array(quarters);
  }

  /**
   * Why a tile is masked, or that it is scored.
   *
   * @param x,y upper-left pixel in the image @param seen takes the answer
   * @returns `seen`
   */
  inspect(x: number, y: number, seen: TileInspection = nothingSeen()): TileInspection {
    const { saturatedDn, shadowDn, maxInvalidShare, maxSaturatedShare, maxShadowShare } = this.#masks;
    const quarter = this.#quarterAt(x, y);
    if (quarter < 0) this.#count(x, y, this.#size);
    else this.#countQuarters(quarter, x, y);
    const detector = this.#detector;
    const nulls = this.#nullPixels;
    const invalid = detector + nulls;
    const histogram = this.#histogram;
    const valid = this.#size ** 2 - invalid;
    let state = SCORED;
    if (invalid > maxInvalidShare * this.#size ** 2) state = detector > nulls ? DETECTOR : NULL;
    else if (histogram.count(saturatedDn, 255) > maxSaturatedShare * valid) state = SATURATED;
    else if (histogram.count(0, shadowDn) > maxShadowShare * valid) state = SHADOW;
    const median = valid === 0 ? 0 : histogram.median();
    seen.state = state;
    seen.median = Math.min(Math.max(Math.round(median), 0), 255);
    seen.spread = valid === 0 ? 0 : histogram.medianDistance(median) / Math.max(median, LEAST_LEVEL);
    seen.invalid = invalid;
    return seen;
  }

  /**
   * Copies a tile, its detector and null pixels filled with its median.
   *
   * @param pixels,valid where the tile goes, `size * size` each: DN, and 1 where it is real data.
   */
  cut(x: number, y: number, tile: TileInspection, pixels: Uint8Array, valid: Uint8Array): void {
    const { data, width, firstLine } = this.#strip;
    const size = this.#size;
    copySquare(data, (y - firstLine) * width + x, width, size, pixels);
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

  /** Upper-left quarter of a tile that is made of whole ones; -1 for any other. */
  #quarterAt(x: number, y: number): number {
    const half = this.#half;
    const across = x - this.#columns.from;
    if (half === 0 || across < 0 || across % half !== 0 || y % half !== 0) return -1;
    return x + this.#size > this.#columns.to
      ? -1
      : (y / half - this.#quarterRow) * this.#quarterColumns + across / half;
  }

  #countQuarters(quarter: number, x: number, y: number): void {
    const half = this.#half;
    const below = quarter + this.#quarterColumns;
    this.#needQuarter(quarter, x, y);
    this.#needQuarter(quarter + 1, x + half, y);
    this.#needQuarter(below, x, y + half);
    this.#needQuarter(below + 1, x + half, y + half);
    this.#detector = 0;
    const nulls = this.#quarterNulls;
    this.#nullPixels = nulls[quarter]! + nulls[quarter + 1]! + nulls[below]! + nulls[below + 1]!;
    this.#histogram.closeSum(
      this.#counts,
      256 * quarter,
      256 * (quarter + 1),
      256 * below,
      256 * (below + 1),
    );
  }

  #needQuarter(quarter: number, x: number, y: number): void {
    if (this.#counted[quarter] === 1) return;
    this.#fill(x, y, this.#half);
    this.#histogram.write(this.#counts, 256 * quarter);
    this.#quarterNulls[quarter] = this.#nullPixels;
    this.#counted[quarter] = 1;
  }

  #count(x: number, y: number, size: number): void {
    this.#fill(x, y, size);
    this.#histogram.close();
  }

  /** Fills the histogram with a square's valid pixels and counts the others. */
  #fill(x: number, y: number, size: number): void {
    const { data, width, firstLine } = this.#strip;
    const histogram = this.#histogram;
    histogram.clear();
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
    this.#detector = detector;
    this.#nullPixels = nulls;
  }
}
