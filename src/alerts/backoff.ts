/** How deliveries are tried again. */
export interface RetryPolicy {
  /** First wait, seconds; doubled each time. */
  readonly retryS: number;
  /** Longest wait, seconds. */
  readonly retryMaxS: number;
  /** Attempts after which a delivery is given up. */
  readonly attempts: number;
  /** Age in hours after which one that fails is given up. */
  readonly expireH: number;
}

/**
 * Seconds to wait after so many failures in a row, at least 1: half of it is chance, so that what failed together
 * does not come back together. A receiver that names a longer time is heeded.
 */
export function backoffS(
  { retryS, retryMaxS }: RetryPolicy,
  failures: number,
  retryAfterS: number | undefined,
  random: () => number,
): number {
  const full = Math.min(retryMaxS, retryS * 2 ** Math.min(failures - 1, 30));
  return Math.max(full * (0.5 + 0.5 * random()), Math.min(retryAfterS ?? 0, 86_400));
}

export function isGivenUp(policy: RetryPolicy, attempts: number, ageS: number): boolean {
  return attempts >= policy.attempts || ageS >= policy.expireH * 3600;
}
