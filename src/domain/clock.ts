/** Time as a seam, so that waits and leases can be tested. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
