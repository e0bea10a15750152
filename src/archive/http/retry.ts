import { ConstantBackoff, ExponentialBackoff, handleType, retry } from 'cockatiel';
import type { Clock } from '../../domain/clock.js';
import { TransientError } from '../../domain/errors.js';

export interface RetryOptions {
  /** Further attempts after the first. */
  readonly retries: number;
  readonly initialDelayMs: number;
  /** Longest wait before an attempt; an archive that asks for more is left to the caller. */
  readonly maxDelayMs: number;
  readonly clock: Clock;
}

/**
 * Runs `work` again after passing trouble, with exponential backoff and decorrelated jitter, never earlier than
 * the archive's Retry-After. A host whose circuit is open, and what does not get better by asking at once, is left to
 * the caller, who comes back much later. The waits are the clock's, so they end at once when `signal` is aborted.
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  options: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  const { retries, initialDelayMs, maxDelayMs, clock } = options;
  const policy = retry(
    handleType(TransientError, ({ code, repeats, retryAfterS = 0 }) => {
      return repeats && code !== 'circuit_open' && retryAfterS * 1000 <= maxDelayMs;
    }),
    { maxAttempts: retries, backoff: new ConstantBackoff(0) },
  );
  let backoff = new ExponentialBackoff({ initialDelay: initialDelayMs, maxDelay: maxDelayMs }).next();
  let waitMs = 0;
  return policy.execute(async () => {
    signal?.throwIfAborted();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    try {
      return await work();
    } catch (error) {
      if (error instanceof TransientError) {
        waitMs = Math.max(backoff.duration, (error.retryAfterS ?? 0) * 1000);
        backoff = backoff.next(undefined);
      }
      throw error;
    }
  }, signal);
}
