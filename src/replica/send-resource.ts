import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { byteRange, type ByteRange } from './byte-range.js';
import type { Fault } from './faults.js';

/** A file of the archive. */
export interface Resource {
  readonly type: string;
  readonly md5: string;
  readonly lastModified: Date;
  readonly bytes: number;
  /** In memory, or the path of a file. */
  readonly content: Buffer | string;
}

/** Answers with a resource, its part, or "not modified"; damaged where a fault says so. */
export async function sendResource(
  request: IncomingMessage,
  response: ServerResponse,
  resource: Resource,
  fault: Fault | null,
): Promise<void> {
  const etag = fault?.etag ?? `"${resource.md5}"`;
  const headers = {
    ETag: etag,
    'Last-Modified': resource.lastModified.toUTCString(),
    'Accept-Ranges': 'bytes',
  };
  const version = { etag, lastModified: resource.lastModified };
  if (isReplaced(request, version)) {
    response.writeHead(412, headers).end();
    return;
  }
  if (notModified(request, version)) {
    response.writeHead(304, headers).end();
    return;
  }
  const asked = fault?.wholeForRange || !mayBePart(request, version) ? undefined : request.headers.range;
  const range = byteRange(asked, resource.bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${resource.bytes}` }).end();
    return;
  }
  const { first, last } = moved(range, fault) ?? { first: 0, last: resource.bytes - 1 };
  const end = Math.min(last, (fault?.endAt ?? Infinity) - 1);
  response.writeHead(range === null ? 200 : 206, {
    ...headers,
    'Content-Type': resource.type,
    'Content-Length': Math.max(0, end - first + 1),
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${resource.bytes}` }),
  });
  if (request.method === 'HEAD' || end < first) {
    response.end();
    return;
  }
  await sendBytes(response, damaged(bytesOf(resource.content, first, end), first, fault));
}

interface Version {
  readonly etag: string;
  readonly lastModified: Date;
}

/** If-Match and If-Unmodified-Since: only this version is wanted, and it is no more. */
function isReplaced({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const match = headers['if-match'];
  if (match !== undefined) return match !== '*' && !match.split(/\s*,\s*/).includes(etag);
  return wholeSeconds(lastModified) > Date.parse(headers['if-unmodified-since'] ?? '');
}

function notModified({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) return match.split(/\s*,\s*/).includes(etag);
  return wholeSeconds(lastModified) <= Date.parse(headers['if-modified-since'] ?? '');
}

/** If-Range: a part only of this version, else the whole. */
function mayBePart({ headers }: IncomingMessage, { etag, lastModified }: Version): boolean {
  const version = headers['if-range'];
  if (typeof version !== 'string') return true;
  return version.startsWith('"') ? version === etag : Date.parse(version) === wholeSeconds(lastModified);
}

/** Headers give times in whole seconds. */
function wholeSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000) * 1000;
}

function moved(range: ByteRange | null, fault: Fault | null): ByteRange | null {
  if (range === null) return null;
  return { first: Math.min(range.first + (fault?.shiftRange ?? 0), range.last), last: range.last };
}

function bytesOf(content: Buffer | string, first: number, last: number): AsyncIterable<Buffer> {
  return typeof content === 'string'
    ? (createReadStream(content, { start: first, end: last }) as AsyncIterable<Buffer>)
    : (Readable.from([content.subarray(first, last + 1)]) as AsyncIterable<Buffer>);
}

class CutShort extends Error {}

/** @param first position of the first byte in the resource */
async function* damaged(
  bytes: AsyncIterable<Buffer>,
  first: number,
  fault: Fault | null,
): AsyncGenerator<Buffer> {
  const { cutAt = Infinity, corruptAt = Infinity } = fault ?? {};
  let position = first;
  for await (const chunk of bytes) {
    const end = position + chunk.length;
    const data = corruptAt >= position && corruptAt < end ? inverted(chunk, corruptAt - position) : chunk;
    if (cutAt < end) {
      yield data.subarray(0, Math.max(0, cutAt - position));
      throw new CutShort();
    }
    yield data;
    position = end;
  }
}

function inverted(chunk: Buffer, at: number): Buffer {
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

async function sendBytes(response: ServerResponse, bytes: AsyncIterable<Buffer>): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  try {
    for await (const chunk of bytes) {
      if (response.destroyed) return;
      if (!response.write(chunk)) {
        const drained = new Promise<void>((resolve) => response.once('drain', resolve));
        await Promise.race([drained, gone]);
      }
    }
    response.end();
  } catch (error) {
    // What was sent before a cut is to arrive: a break discards what its reader has not taken yet.
    if (error instanceof CutShort) await delay(10);
    response.destroy();
    if (!(error instanceof CutShort)) throw error;
  }
}
