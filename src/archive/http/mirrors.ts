import {
  InvalidProductError,
  MissingProductError,
  TransientError,
  isUserFacing,
} from '../../domain/errors.js';

type ErrorKind = abstract new (...args: never[]) => Error;

/** For a product: passing trouble at one mirror means that "missing" at another is not the last word. */
const HOPE_FIRST: readonly ErrorKind[] = [TransientError, InvalidProductError];
/** For a question that is asked again anyway: a mirror that answers "not there" stands in for one that is down. */
const ANSWER_FIRST: readonly ErrorKind[] = [MissingProductError];

const CLOSED = new Set(['circuit_open', 'held_off']);

/**
 * Asks the base addresses in order until one has it. When none does, the error that tells most is thrown; of
 * several kinds of passing trouble the one that passes first.
 * @param missingIsAnswer whether one mirror's "missing" outweighs the trouble of the others
 */
export async function firstOf<T>(
  bases: readonly string[],
  ask: (base: string) => Promise<T>,
  missingIsAnswer = false,
): Promise<T> {
  const errors: Error[] = [];
  for (const base of bases) {
    try {
      return await ask(base);
    } catch (error) {
      if (!isUserFacing(error)) throw error;
      errors.push(error);
    }
  }
  // A mirror that nobody may ask now holds no hope against what another one answered.
  const answered = errors.filter((error) => !isClosed(error));
  if (answered.length > 0) errors.splice(0, errors.length, ...answered);
  const order = missingIsAnswer ? ANSWER_FIRST : HOPE_FIRST;
  const byWait = [...errors].sort((a, b) => waitOf(a) - waitOf(b));
  const told = order.map((kind) => byWait.find((error) => error instanceof kind)).find(Boolean);
  const other = errors.find((error) => !(error instanceof MissingProductError));
  throw told ?? other ?? errors[0] ?? new MissingProductError('no base URL to ask');
}

/** Whether the host was not even asked: it is left alone, by its own wish or since it does not answer. */
function isClosed(error: Error): boolean {
  return error instanceof TransientError && CLOSED.has(error.code);
}

function waitOf(error: Error): number {
  return error instanceof TransientError ? (error.retryAfterS ?? 0) : 0;
}
