/** How often a service may be asked. */
export interface RequestLimits {
  /** Most requests that start within any span of `windowMs`. */
  readonly requests: number;
  readonly windowMs: number;
  /** Least pause from the end of a request to the start of the next one, ms. */
  readonly spacingMs: number;
}

/** What ODE answers before it turns to HTTP 403 (lroc-archive, section 4). */
export const ODE_LIMITS: RequestLimits = { requests: 45, windowMs: 90_000, spacingMs: 3000 };

/**
 * Sliding window over the requests of one process: says when the next one may start. It knows no clock; times are
 * in ms and must not decrease.
 */
export class RequestWindow {
  readonly #limits: RequestLimits;
  /** Starts of the newest requests, at most as many as fit a window. */
  readonly #starts: number[] = [];
  #lastActivity = -Infinity;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Nobody has to wait longer, ms. */
  get longestMs(): number {
    return Math.max(this.#limits.windowMs, this.#limits.spacingMs);
  }

  /** Earliest time at which another request may start. */
  earliest(): number {
    const { requests, windowMs, spacingMs } = this.#limits;
    const first = this.#starts.length < requests ? -Infinity : this.#starts[0]!;
    return Math.max(this.#lastActivity + spacingMs, first + windowMs);
  }

  started(time: number): void {
    this.#starts.push(time);
    if (this.#starts.length > this.#limits.requests) this.#starts.shift();
    this.#lastActivity = time;
  }

  ended(time: number): void {
    this.#lastActivity = Math.max(this.#lastActivity, time);
  }
}
