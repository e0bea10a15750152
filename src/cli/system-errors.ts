import { OperationalError } from '../domain/errors.js';

/** What the operating system refuses, and what helps, by its code: matters of the machine, not of the program. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; make room, or name a place on another disk',
  EDQUOT: 'your share of the disk is used up; make room, or name a place on another disk',
  EFBIG: 'the file grows larger than is allowed; raise the limit (ulimit -f), or name another place',
  EROFS: 'the disk is read-only; name another place',
  EACCES: 'it may not be opened by this user; change its permissions, or name another place',
  EPERM: 'it may not be changed by this user; change its permissions, or name another place',
  ENOTDIR: 'a part of its path is no folder; check the path',
  EISDIR: 'it is a folder; name a file',
  ELOOP: 'its links lead in a circle; check the path',
  ENAMETOOLONG: 'its name is too long; give a shorter one',
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine; close other programs, or raise its limit',
  EIO: 'the disk cannot be read or written; check it',
  ENOMEM: 'the memory is full; close other programs',
};

/**
 * A refusal of the operating system as one sentence; any other error as it is.
 * @param what was read or written, where the error does not name its path
 */
export function asOfSystem(error: unknown, what = 'A file'): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const refusal = REFUSALS[String(error.code)];
  if (refusal === undefined) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : what;
  return new OperationalError(
    'system',
    `${path} cannot be used (${String(error.code)} at ${String(error.syscall)}): ${refusal}.`,
    { cause: error },
  );
}
