/** Until when no claim can go well, by a clock that nobody sets. */
export class Rest {
  #until = 0;

  take(ms: number): void {
    this.#until = Math.max(this.#until, performance.now() + ms);
  }

  get leftMs(): number {
    return Math.max(0, this.#until - performance.now());
  }
}
