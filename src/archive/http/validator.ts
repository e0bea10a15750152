import type { Validator } from '../archive-source.js';
import type { Answer } from './http-client.js';

export function validatorOf({ headers }: Answer): Validator {
  return { etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}

/**
 * What tells two versions of a file apart for byte ranges: a strong ETag, else the date. A weak ETag may stay
 * the same for other bytes.
 */
export function strongValidator({ etag, lastModified }: Validator): string | null {
  return etag !== null && !etag.startsWith('W/') ? etag : lastModified;
}

/** Whether an answer's bytes are the file's own; offsets into compressed ones mean nothing. */
export function isPlain({ headers }: Answer): boolean {
  return ['', 'identity'].includes(headers.get('content-encoding')?.trim().toLowerCase() ?? '');
}
