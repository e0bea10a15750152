/** Who is served first: a call for `few` tiles comes before a whole `strip`. */
export type Rank = 'few' | 'strip';

interface Waiter<T> {
  resolve(given: T): void;
  reject(error: Error): void;
}

/** Waits for things that are given one at a time: within a rank, who came first is served first. */
export class WaitingQueue<T> {
  readonly #few = new Set<Waiter<T>>();
  readonly #strips = new Set<Waiter<T>>();

  /**
   * Resolves with what is given to it.
   *
   * @throws the signal's reason at once when it is aborted; what the queue is ended with.
   */
  wait(rank: Rank, signal?: AbortSignal): Promise<T> {
    const waiting = rank === 'few' ? this.#few : this.#strips;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        waiting.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const waiter: Waiter<T> = {
        resolve(given) {
          leave();
          resolve(given);
        },
        reject(error) {
          leave();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      waiting.add(waiter);
    });
  }

  /** Serves the next one. @returns false where nobody waits */
  give(thing: T): boolean {
    const [next] = this.#few.size > 0 ? this.#few : this.#strips;
    next?.resolve(thing);
    return next !== undefined;
  }

  /** Rejects all that wait. */
  end(error: Error): void {
    for (const waiter of [...this.#few, ...this.#strips]) waiter.reject(error);
  }
}
