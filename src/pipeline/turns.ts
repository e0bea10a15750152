/** Lets a limited number of workers in at once, in the order in which they asked. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count how many at once, at least 1 */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Waits for a turn and does the work in it.
   *
   * @param work may give the turn to the next one before it is done, by calling `leave`
   * @throws the signal's reason when it is aborted before the turn comes
   */
  async take<T>(signal: AbortSignal, work: (leave: () => void) => Promise<T>): Promise<T> {
    const leave = await this.enter(signal);
    try {
      return await work(leave);
    } finally {
      leave();
    }
  }

  /**
   * Waits for a turn.
   * @returns gives the turn to the next one; more than once does nothing
   * @throws the signal's reason when it is aborted before the turn comes
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    await this.#wait(signal);
    let inside = true;
    return () => {
      if (inside) this.#leave();
      inside = false;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(enter);
    });
  }

  /** The turn goes to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
