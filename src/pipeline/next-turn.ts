import type { Turns } from './turns.js';

/** A turn at the next stage of some work, which is asked for before the stage that it is in has ended. */
export class NextTurn {
  readonly #turns: Turns;
  readonly #onCome: () => void;
  readonly #signal: AbortSignal;
  #leaving: Promise<() => void> | null = null;

  /**
   * @param onCome called once when the turn has come: the stage before may go on with other work
   * @param signal ends the waiting
   */
  constructor(turns: Turns, onCome: () => void, signal: AbortSignal) {
    this.#turns = turns;
    this.#onCome = onCome;
    this.#signal = signal;
  }

  /** Begins to wait; more than once does nothing. */
  ask(): void {
    if (this.#leaving !== null) return;
    this.#leaving = this.#turns.enter(this.#signal).then((leave) => {
      this.#onCome();
      return leave;
    });
    // Where the work fails in the stage before, nobody waits for the turn.
    this.#leaving.catch(() => undefined);
  }

  /** Resolves when the turn has come. @throws the signal's reason when it is aborted before */
  async come(): Promise<void> {
    this.ask();
    await this.#leaving;
  }

  /** Gives the turn to the next one, when it comes if it has not yet. */
  async leave(): Promise<void> {
    const leave = await this.#leaving?.catch(() => null);
    leave?.();
  }
}
