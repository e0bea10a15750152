import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { byteRange } from './byte-range.js';
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
  const etag = `"${resource.md5}"`;
  const headers = {
    ETag: etag,
    'Last-Modified': resource.lastModified.toUTCString(),
    'Accept-Ranges': 'bytes',
  };
  if (notModified(request, etag, resource.lastModified)) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = byteRange(request.headers.range, resource.bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${resource.bytes}` }).end();
    return;
  }
  const { first, last } = range ?? { first: 0, last: resource.bytes - 1 };
  response.writeHead(range === null ? 200 : 206, {
    ...headers,
    'Content-Type': resource.type,
    'Content-Length': last - first + 1,
    ...(range === null ? {} : { 'Content-Range': `bytes ${first}-${last}/${resource.bytes}` }),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBytes(response, damaged(bytesOf(resource.content, first, last), fault));
}

function notModified(request: IncomingMessage, etag: string, lastModified: Date): boolean {
  const match = request.headers['if-none-match'];
  if (match !== undefined) return match.split(/\s*,\s*/).includes(etag);
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return Math.floor(lastModified.getTime() / 1000) * 1000 <= since;
}

function bytesOf(content: Buffer | string, first: number, last: number): AsyncIterable<Buffer> {
  return typeof content === 'string'
    ? (createReadStream(content, { start: first, end: last }) as AsyncIterable<Buffer>)
    : (Readable.from([content.subarray(first, last + 1)]) as AsyncIterable<Buffer>);
}

class CutShort extends Error {}

async function* damaged(bytes: AsyncIterable<Buffer>, fault: Fault | null): AsyncGenerator<Buffer> {
  const { cutAt = Infinity, corruptAt = Infinity } = fault ?? {};
  let position = 0;
  for await (const chunk of bytes) {
    const end = position + chunk.length;
    if (corruptAt >= position && corruptAt < end) {
      const copy = Buffer.from(chunk);
      copy[corruptAt - position] = (copy[corruptAt - position] ?? 0) ^ 0xff;
      yield copy;
    } else if (cutAt < end) {
      yield chunk.subarray(0, cutAt - position);
      throw new CutShort();
    } else {
      yield chunk;
    }
    position = end;
  }
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
    response.destroy();
    if (!(error instanceof CutShort)) throw error;
  }
}
