import { TILE_BORDER, TRI_FLOOR, type TriFinder, type TriPeak } from './tri.js';

/**
 * TRI peaks of overlapping tiles: the tiles' borders cut the area into rectangles, each is searched once, and a
 * tile's peak is the highest of its own. At a stride of half a tile each pixel is looked at once, not four times.
 * Rectangles are searched when a tile asks for them, so what only masked tiles cover costs nothing.
 */
export class TriPeaks {
  readonly #finder: TriFinder;
  readonly #size: number;
  readonly #lefts: ArrayLike<number>;
  readonly #tops: ArrayLike<number>;
  readonly #across: Cuts;
  readonly #down: Cuts;
  readonly #searched: Uint8Array;
  readonly #values: Float64Array;
  readonly #x: Int32Array;
  readonly #y: Int32Array;
  readonly #scratch: TriPeak = { value: 0, x: 0, y: 0 };

  /** @param lefts,tops upper-left pixels of the columns and rows of tiles in the field's area, ascending */
  constructor(finder: TriFinder, lefts: ArrayLike<number>, tops: ArrayLike<number>, size: number) {
    this.#finder = finder;
    this.#size = size;
    this.#lefts = lefts;
    this.#tops = tops;
    this.#across = cutsOf(lefts, size);
    this.#down = cutsOf(tops, size);
    const rectangles = this.#across.at.length * this.#down.at.length;
    this.#searched = new Uint8Array(rectangles);
    this.#values = new Float64Array(rectangles);
    this.#x = new Int32Array(rectangles);
    this.#y = new Int32Array(rectangles);
  }

  /** What `TriFinder.peak` finds in a tile. @param peak takes the result */
  find(column: number, row: number, peak: TriPeak): void {
    const columns = this.#across.at.length;
    let value = TRI_FLOOR;
    let x = this.#lefts[column]! + (this.#size >> 1);
    let y = this.#tops[row]! + (this.#size >> 1);
    for (let j = this.#down.first[row]!; j < this.#down.end[row]!; j++) {
      for (let i = this.#across.first[column]!; i < this.#across.end[column]!; i++) {
        const at = j * columns + i;
        if (this.#searched[at] === 0) this.#search(at, i, j);
        const candidate = this.#values[at]!;
        if (candidate < value || candidate === TRI_FLOOR) continue;
        const [cx, cy] = [this.#x[at]!, this.#y[at]!];
        if (candidate === value && (cy > y || (cy === y && cx > x))) continue;
        value = candidate;
        x = cx;
        y = cy;
      }
    }
    peak.value = value;
    peak.x = x - this.#lefts[column]!;
    peak.y = y - this.#tops[row]!;
  }

  #search(at: number, i: number, j: number): void {
    const [left, top] = [this.#across.at[i]!, this.#down.at[j]!];
    const best = this.#scratch;
    best.value = TRI_FLOOR;
    this.#finder.strongest(left, top, this.#across.at[i + 1]! - left, this.#down.at[j + 1]! - top, best);
    this.#searched[at] = 1;
    this.#values[at] = best.value;
    this.#x[at] = best.x;
    this.#y[at] = best.y;
  }
}

/** Where tiles begin and end without their borders, and between which of these cuts each tile lies. */
interface Cuts {
  readonly at: Int32Array;
  readonly first: Int32Array;
  readonly end: Int32Array;
}

function cutsOf(starts: ArrayLike<number>, size: number): Cuts {
  const begins = Array.from(starts, (start) => start + TILE_BORDER);
  const length = size - 2 * TILE_BORDER;
  const at = Int32Array.from(new Set(begins.flatMap((begin) => [begin, begin + length]))).sort();
  const places = new Map(Array.from(at, (cut, place) => [cut, place]));
  return {
    at,
    first: Int32Array.from(begins, (begin) => places.get(begin)!),
    end: Int32Array.from(begins, (begin) => places.get(begin + length)!),
  };
}
