/** After so many requests within a window of time, a host refuses for as long as that window. */
export class Throttle {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #hosts = new Map<string, { admitted: number[]; closedUntil: number }>();

  constructor({ requests, windowS }: { readonly requests: number; readonly windowS: number }) {
    this.#requests = requests;
    this.#windowMs = windowS * 1000;
  }

  /**
   * Whether a host takes one more request.
   * @param now ms of a steady clock
   * @returns seconds for which it refuses; 0 when it takes it
   */
  refusedFor(host: string, now: number): number {
    const state = this.#hosts.get(host) ?? { admitted: [], closedUntil: -Infinity };
    this.#hosts.set(host, state);
    if (now < state.closedUntil) return (state.closedUntil - now) / 1000;
    state.admitted = state.admitted.filter((time) => time > now - this.#windowMs);
    if (state.admitted.length < this.#requests) {
      state.admitted.push(now);
      return 0;
    }
    state.admitted = [];
    state.closedUntil = now + this.#windowMs;
    return this.#windowMs / 1000;
  }
}
