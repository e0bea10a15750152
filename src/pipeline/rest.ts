import type { Clock } from '../domain/clock.js';

/** Until when no claim can go well. */
export class Rest {
  readonly #clock: Clock;
  #until = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(ms: number): void {
    this.#until = Math.max(this.#until, this.#clock.now().getTime() + ms);
  }

  get leftMs(): number {
    return Math.max(0, this.#until - this.#clock.now().getTime());
  }
}
