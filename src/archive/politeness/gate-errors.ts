import { TransientError } from '../../domain/errors.js';

/** The host asked for a pause that is not waited for. */
export function heldOff(host: string, waitMs: number): TransientError {
  const retryAfterS = Math.ceil(waitMs / 1000);
  const message = `${host} asked to be left alone for ${retryAfterS} s more; it is asked again then.`;
  return new TransientError('held_off', message, { retryAfterS });
}

/** The host failed too often to be asked now. */
export function circuitOpen(
  host: string,
  { failures, lastError }: { readonly failures: number; readonly lastError: string | null },
  waitMs: number,
): TransientError {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1000));
  const last = lastError === null ? '' : ` (last: ${lastError})`;
  return new TransientError(
    'circuit_open',
    `${host} failed ${failures} times in a row${last} and is left alone for ${retryAfterS} s more; it is asked again then.`,
    { retryAfterS },
  );
}
