import type { Random } from '../domain/random.js';

/** Draws at most `most` of a stream of unknown length, each item with the same chance (Vitter's algorithm R). */
export class TileDraw {
  readonly #most: number;
  readonly #random: Random;
  #seen = 0;

  constructor(most: number, random: Random) {
    this.#most = most;
    this.#random = random;
  }

  /** Items kept so far: they fill the places 0 to `kept - 1`. */
  get kept(): number {
    return Math.min(this.#seen, this.#most);
  }

  /** The place that the next item takes, whatever was there before, or null where it is passed over. */
  next(): number | null {
    const index = this.#seen++;
    if (index < this.#most) return index;
    const place = this.#random.integer(index + 1);
    return place < this.#most ? place : null;
  }
}
