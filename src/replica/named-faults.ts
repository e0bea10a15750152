import type { FaultEffect } from './fault-effect.js';

const html = { 'Content-Type': 'text/html; charset=utf-8' };
const xml = { 'Content-Type': 'application/xml' };
const PAGE =
  '<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body>Please try later.</body></html>\n';

function s3(status: number, code: string, message: string): FaultEffect {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: xml, body };
}

function page(status: number): FaultEffect {
  return { status, headers: html, body: PAGE };
}

const NO_SUCH_KEY = ['NoSuchKey', 'The specified key does not exist.'] as const;
const ACCESS_DENIED = ['AccessDenied', 'Access Denied'] as const;
const SLOW_DOWN = ['SlowDown', 'Please reduce your request rate.'] as const;

/** Faults that a script names by one word: what was reported of the archive, its hosts and the way to them. */
export const NAMED_FAULTS = {
  'http-403': page(403),
  'http-404': page(404),
  'http-429': { ...page(429), retryAfterS: 30 },
  'http-429-date': { ...page(429), retryAfterS: 30, retryAfterDate: true },
  'http-429-bare': page(429),
  'http-500': page(500),
  'http-502': page(502),
  'http-503': { ...page(503), retryAfterS: 30 },
  'http-503-bare': page(503),
  'http-504': page(504),

  's3-no-such-key': s3(404, ...NO_SUCH_KEY),
  's3-access-denied': s3(403, ...ACCESS_DENIED),
  's3-slow-down': s3(503, ...SLOW_DOWN),
  's3-no-such-key-200': s3(200, ...NO_SUCH_KEY),
  's3-access-denied-200': s3(200, ...ACCESS_DENIED),
  's3-slow-down-200': s3(200, ...SLOW_DOWN),
  'html-for-data': page(200),
  'html-as-tiff': { ...page(200), headers: { 'Content-Type': 'image/tiff' } },
  'empty-body': { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: '' },

  'redirect-loop': { redirect: 'loop' },
  'redirect-nowhere': { redirect: 'nowhere' },
  'redirect-other-host': { redirect: 'other-host' },
  'redirect-protocol-relative': { redirect: 'protocol-relative' },
  'redirect-https': { redirect: 'https' },
  'redirect-without-location': { redirect: 'without-location' },

  'no-answer': { silent: true },
  late: { delayMs: 1000 },
  reset: { reset: true },
  'reset-mid-body': { cutAt: 0.5, cutBy: 'reset' },
  stall: { stallAt: 0.5 },
  'cut-short': { cutAt: 0.5 },
  'short-length': { endAt: 0.5 },
  'too-long': { extraBytes: 1000 },
  'changed-byte': { corruptAt: 0.5 },
  'label-md5': { label: 'md5' },
  'label-size': { label: 'size' },
  drip: { bytesPerSecond: 1000 },
  gzip: { gzip: true },

  'range-ignored': { wholeForRange: true },
  'range-shifted': { shiftRange: 7 },
  'range-unnamed': { noContentRange: true },
  'multi-range-whole': { wholeForRanges: true },

  'connection-dropped': { dropConnection: true },
  'weak-etag': { weakEtag: true },
  'no-etag': { etag: null },
  'no-last-modified': { noLastModified: true },
  'no-validators': { etag: null, noLastModified: true },

  throttle: { throttle: { requests: 20, windowS: 10 } },
} as const satisfies Readonly<Record<string, FaultEffect>>;

export type FaultName = keyof typeof NAMED_FAULTS;

export const FAULT_NAMES = Object.keys(NAMED_FAULTS) as FaultName[];
