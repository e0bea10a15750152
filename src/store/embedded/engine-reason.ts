export const DISK_FULL = 'its disk is full';

/** Errors of the compiled engine's file system, by their numbers there (WASI's). */
const FILE_ERRORS: Readonly<Record<number, string>> = {
  2: 'it may not be written by this user',
  19: 'your share of its disk is used up',
  29: 'its disk cannot be read or written',
  51: DISK_FULL,
  69: 'its disk is read-only',
};

/** Why the engine ended, in words; its file system throws objects with a number alone. */
export function engineReason(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  const { errno, name } = (error ?? {}) as { errno?: unknown; name?: unknown };
  if (typeof errno === 'number') return FILE_ERRORS[errno] ?? `error ${errno} of its file system`;
  return typeof name === 'string' ? name : String(error);
}
