import { TransientError } from '../domain/errors.js';

/**
 * Sends a message within a time; the signal that the work gets is aborted when that is over, or with `signal`.
 * @throws TransientError where it is not done in time, whatever it does about its signal; the reason of `signal`
 */
export async function withinTime(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const late = new TransientError(
    'alert_timeout',
    `The receiver did not take the message within ${ms / 1000} s.`,
  );
  let end: () => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    const timer = setTimeout(() => reject(late), ms);
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      stop.abort(late);
    };
    if (signal.aborted) abort();
  });
  try {
    await Promise.race([work(AbortSignal.any([signal, stop.signal])), ended]);
  } finally {
    end();
  }
}
