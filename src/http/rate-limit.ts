/** How fast one caller may go on; more at once than a person can do by keyboard. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** Callers that are remembered at one time. */
const MOST_CALLERS = 10_000;

/** A token bucket for each caller. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now milliseconds that only grow */
  constructor(limit: RateLimit, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Takes one of the caller's tokens. @returns 0, or the seconds after which there is one again */
  take(caller: string): number {
    const { perSecond, burst } = this.#limit;
    const now = this.#now();
    const known = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, known.tokens + ((now - known.at) / 1000) * perSecond);
    // Anew at the end, so that the first ones are those that were silent longest.
    this.#buckets.delete(caller);
    this.#buckets.set(caller, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const [silent] = this.#buckets.keys();
    if (this.#buckets.size > MOST_CALLERS && silent !== undefined) this.#buckets.delete(silent);
    return tokens >= 1 ? 0 : (1 - tokens) / perSecond;
  }
}
