/** Good pages in a row after which a larger one is tried. */
const PATIENCE = 5;

/** Number of products asked for at once: halved when an answer was too much, grown slowly when they come whole. */
export class PageSize {
  readonly #largest: number;
  #limit: number;
  #good = 0;

  constructor(largest: number) {
    this.#largest = largest;
    this.#limit = largest;
  }

  get limit(): number {
    return this.#limit;
  }

  shrink(): void {
    this.#limit = Math.max(1, this.#limit >> 1);
    this.#good = 0;
  }

  succeeded(): void {
    if (++this.#good < PATIENCE) return;
    this.#good = 0;
    this.#limit = Math.min(this.#largest, this.#limit + Math.ceil(this.#limit / 4));
  }
}
