/**
 * The least that counts as an answer going on, bytes per ms of the timeout: 4 kB/s. Whoever sends less would hold the
 * one connection to its host for hours, a byte at a time for ever.
 */
const LEAST_BYTES_PER_MS = 4;

/**
 * Aborts a request that stalls: its signal fires when a guarded wait takes longer than `timeoutMs`, when a body brings
 * less than 4 kB for each of its seconds, or with the caller's own signal. Only waiting for the network counts, not the
 * time its reader takes.
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

  /** @param ms how long the wait may take. Default: the timeout */
  async guard<T>(wait: Promise<T>, ms = this.#timeoutMs): Promise<T> {
    const timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, ms);
    try {
      return await wait;
    } finally {
      clearTimeout(timer);
    }
  }

  async *guardEach<T extends Uint8Array>(chunks: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = chunks[Symbol.asyncIterator]();
    let bytes = 0;
    let leftMs = this.#timeoutMs;
    try {
      for (;;) {
        const asked = performance.now();
        const chunk = await this.guard(iterator.next(), leftMs);
        if (chunk.done === true) return;
        bytes += chunk.value.length;
        leftMs = Math.max(0, leftMs - (performance.now() - asked));
        if (bytes >= this.#timeoutMs * LEAST_BYTES_PER_MS) {
          bytes = 0;
          leftMs = this.#timeoutMs;
        }
        yield chunk.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  stop(): void {
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }
}
