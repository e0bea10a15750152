/**
 * Aborts a request that stalls: its signal fires when a guarded wait takes longer than `timeoutMs`, or with
 * the caller's own signal. Only waiting for the network counts, not the time its reader takes.
 */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onAbort = () => this.#controller.abort();
  #expired = false;

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#outer = outer;
    if (outer?.aborted) this.#controller.abort();
    outer?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether it was this watchdog, not the caller, that aborted. */
  get expired(): boolean {
    return this.#expired;
  }

  async guard<T>(wait: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, this.#timeoutMs);
    try {
      return await wait;
    } finally {
      clearTimeout(timer);
    }
  }

  async *guardEach<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const item = await this.guard(iterator.next());
        if (item.done === true) return;
        yield item.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  stop(): void {
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}
