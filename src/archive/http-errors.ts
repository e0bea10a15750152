import type { Response } from 'node-fetch';
import { MissingProductError, OperationalError, TransientError, isUserFacing } from '../domain/errors.js';
import { retryAfterSeconds } from './retry-after.js';

/**
 * What an answer's status means here. S3-backed hosts say 403 for a missing key, so 403 and 404 are alike
 * (lroc-archive 1.3).
 */
export function errorOfStatus(response: Response, url: string, now: Date): Error {
  const { status } = response;
  if (status === 403 || status === 404 || status === 410) {
    return new MissingProductError(`${url} is not in the archive yet (HTTP ${status}).`);
  }
  if (status === 429 || status === 408 || status >= 500) {
    const retryAfterS = retryAfterSeconds(response.headers.get('retry-after'), now);
    const code = status === 429 ? 'throttled' : 'http_status';
    return new TransientError(
      code,
      `${url} answered HTTP ${status}; it is asked again later.`,
      retryAfterS === undefined ? undefined : { retryAfterS },
    );
  }
  return new OperationalError('http_status', `${url} answered HTTP ${status}; check archive.urls.`);
}

/** Errors of the local disk: no fault of the archive, and no use in asking again. */
const DISK_CODES = new Set(['ENOSPC', 'EACCES', 'EPERM', 'EROFS', 'EDQUOT', 'EMFILE', 'ENOENT', 'ENOTDIR']);

/** Names a failure of the network or the disk; errors that already have a name pass through. */
export function errorOfFailure(cause: unknown, url: string): unknown {
  if (isUserFacing(cause) || !(cause instanceof Error)) return cause;
  const code = codeOf(cause);
  if (cause.name !== 'FetchError' && DISK_CODES.has(code)) {
    return new OperationalError('disk', `cannot keep ${url}: ${cause.message}; check archive.download_dir.`, {
      cause,
    });
  }
  if (cause.name === 'FetchError' || code !== '') {
    return new TransientError(
      'network',
      `${url} could not be read (${code || cause.message}); it is asked again later.`,
      { cause },
    );
  }
  return cause;
}

function codeOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : '';
}
