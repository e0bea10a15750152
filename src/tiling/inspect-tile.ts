import type { Strip } from '../domain/raster.js';
import { TILE_STATES, type TileState } from '../domain/tile.js';
import { copySquare } from './copy-square.js';
import { Histograms } from './histograms.js';
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

/** Rows of quarters whose histograms are kept: those of a row of tiles. */
const KEPT_ROWS = 2;

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
  readonly #histograms: Histograms;
  /** Of the square counted last. */
  #detector = 0;
  #nullPixels = 0;
  /** Side of a quarter, px; 0 = tiles are not made of quarters. */
  readonly #half: number;
  /** Quarters across the image's valid columns. */
  readonly #quarters: number;
  /** Quarter that each set of counters is of, on the image's lattice; -1 = none. */
  readonly #kept: Int32Array;
  /** Null pixels of those. */
  readonly #keptNulls: Int32Array;

  /**
   * @param nulls flags as findNullPixels gives them @param histograms which it fills, until another one is made with them
   * @throws OperationalError where there is no memory for the strip
   */
  constructor(
    strip: Strip,
    nulls: Uint8Array | null,
    size: number,
    masks: MaskOptions,
    histograms = new Histograms(),
  ) {
    this.#strip = strip;
    this.#nulls = nulls;
    this.#masks = masks;
    this.#size = size;
    this.#columns = validColumns(strip.width);
    const half = size / 2;
    this.#half = Number.isInteger(half) ? half : 0;
    this.#quarters = this.#half === 0 ? 0 : Math.floor((this.#columns.to - this.#columns.from) / half);
    const sets = KEPT_ROWS * this.#quarters;
    this.#kept = new Int32Array(sets).fill(-1);
    this.#keptNulls = new Int32Array(sets);
    this.#histograms = histograms;
    // One more, for tiles that are not made of quarters.
    histograms.open(strip, nulls, sets + 1);
  }

  /**
   * Why a tile is masked, or that it is scored.
   *
   * @param x,y upper-left pixel in the image @param seen takes the answer
   * @returns `seen`
   */
  inspect(x: number, y: number, seen: TileInspection = nothingSeen()): TileInspection {
    const { saturatedDn, shadowDn, maxInvalidShare, maxSaturatedShare, maxShadowShare } = this.#masks;
    if (this.#isOfQuarters(x, y)) this.#countQuarters(x, y);
    else this.#countWhole(x, y);
    const detector = this.#detector;
    const nulls = this.#nullPixels;
    const invalid = detector + nulls;
    const histograms = this.#histograms;
    const valid = this.#size ** 2 - invalid;
    let state = SCORED;
    if (invalid > maxInvalidShare * this.#size ** 2) state = detector > nulls ? DETECTOR : NULL;
    else if (histograms.within(saturatedDn, 255) > maxSaturatedShare * valid) state = SATURATED;
    else if (histograms.within(0, shadowDn) > maxShadowShare * valid) state = SHADOW;
    const median = valid === 0 ? 0 : histograms.median();
    seen.state = state;
    seen.median = Math.min(Math.max(Math.round(median), 0), 255);
    seen.spread = valid === 0 ? 0 : histograms.medianDistance(median) / Math.max(median, LEAST_LEVEL);
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

  #isOfQuarters(x: number, y: number): boolean {
    const half = this.#half;
    const { from, to } = this.#columns;
    return half > 0 && x >= from && (x - from) % half === 0 && y % half === 0 && x + this.#size <= to;
  }

  #countQuarters(x: number, y: number): void {
    const half = this.#half;
    const a = this.#quarterAt(x, y);
    const b = this.#quarterAt(x + half, y);
    const c = this.#quarterAt(x, y + half);
    const d = this.#quarterAt(x + half, y + half);
    const nulls = this.#keptNulls;
    this.#detector = 0;
    this.#nullPixels = nulls[a]! + nulls[b]! + nulls[c]! + nulls[d]!;
    this.#histograms.sum(a, b, c, d);
  }

  /** @returns the set that holds a quarter's counters, which is filled where it holds another's */
  #quarterAt(x: number, y: number): number {
    const half = this.#half;
    const row = y / half;
    const column = (x - this.#columns.from) / half;
    const set = (row % KEPT_ROWS) * this.#quarters + column;
    const quarter = row * this.#quarters + column;
    if (this.#kept[set] !== quarter) {
      const counted = this.#histograms.count(set, x, y - this.#strip.firstLine, half, half);
      this.#keptNulls[set] = half * half - counted;
      this.#kept[set] = quarter;
    }
    return set;
  }

  #countWhole(x: number, y: number): void {
    const size = this.#size;
    const from = Math.max(x, this.#columns.from);
    const width = Math.max(0, Math.min(x + size, this.#columns.to) - from);
    const set = KEPT_ROWS * this.#quarters;
    const counted = this.#histograms.count(set, from, y - this.#strip.firstLine, width, size);
    this.#detector = (size - width) * size;
    this.#nullPixels = width * size - counted;
    this.#histograms.sum(set);
  }
}
