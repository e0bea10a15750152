import type { IncomingMessage } from 'node:http';

/** By what a resource's version is told; null where the server says nothing of it. */
export interface Version {
  readonly etag: string | null;
  readonly lastModified: Date | null;
}

/** If-Match and If-Unmodified-Since: only this version is wanted, and it is no more (RFC 9110, 13.1). */
export function isReplaced({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const match = headers['if-match'];
  if (match !== undefined) return match !== '*' && !(isStrong(etag) && tags(match).includes(etag));
  return (
    lastModified !== null && wholeSeconds(lastModified) > Date.parse(headers['if-unmodified-since'] ?? '')
  );
}

/** If-None-Match, where weak tags count as well, and If-Modified-Since. */
export function notModified({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) return etag !== null && tags(match).map(opaque).includes(opaque(etag));
  return (
    lastModified !== null && wholeSeconds(lastModified) <= Date.parse(headers['if-modified-since'] ?? '')
  );
}

/** If-Range: a part only of this version, else the whole. */
export function mayBePart({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const version = headers['if-range'];
  if (typeof version !== 'string') return true;
  if (version.startsWith('"') || version.startsWith('W/')) return isStrong(etag) && version === etag;
  return lastModified !== null && Date.parse(version) === wholeSeconds(lastModified);
}

function tags(header: string): string[] {
  return header.split(/\s*,\s*/);
}

function isStrong(etag: string | null): etag is string {
  return etag !== null && !etag.startsWith('W/');
}

function opaque(etag: string): string {
  return etag.replace(/^W\//, '');
}

/** Headers give times in whole seconds. */
function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}
