import { InvalidProductError, MissingProductError, TransientError, isUserFacing } from '../domain/errors.js';

/**
 * Asks the base addresses in order until one answers. When none does, the error that leaves most hope is thrown:
 * passing trouble anywhere means that "missing" elsewhere is not the last word.
 */
export async function firstOf<T>(bases: readonly string[], ask: (base: string) => Promise<T>): Promise<T> {
  const errors: Error[] = [];
  for (const base of bases) {
    try {
      return await ask(base);
    } catch (error) {
      if (!isUserFacing(error)) throw error;
      errors.push(error);
    }
  }
  throw worthTelling(errors);
}

function worthTelling(errors: readonly Error[]): Error {
  const kinds = [TransientError, InvalidProductError];
  const told = kinds.map((kind) => errors.find((error) => error instanceof kind)).find((error) => error);
  const other = errors.find((error) => !(error instanceof MissingProductError));
  return told ?? other ?? errors[0] ?? new MissingProductError('no base URL to ask');
}
