import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable, pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { byteRange, type ByteRange } from './byte-range.js';
import { isReplaced, mayBePart, notModified, type Version } from './conditions.js';
import { CutShort, damaged, dripped, relabelled } from './damage.js';
import { byteAt, type FaultEffect } from './fault-effect.js';
import { resetConnection } from './send-fault.js';
import type { Resource } from './resource.js';

/** Answers with a resource, its part, or "not modified"; damaged where a fault says so. */
export async function sendResource(
  request: IncomingMessage,
  response: ServerResponse,
  asItIs: Resource,
  effect: FaultEffect,
): Promise<void> {
  const resource = relabelled(asItIs, effect);
  const version = versionOf(resource, effect);
  const headers = {
    ...(version.etag === null ? {} : { ETag: version.etag }),
    ...(version.lastModified === null ? {} : { 'Last-Modified': version.lastModified.toUTCString() }),
    'Accept-Ranges': 'bytes',
  };
  if (isReplaced(request, version)) {
    response.writeHead(412, headers).end();
    return;
  }
  if (notModified(request, version)) {
    response.writeHead(304, headers).end();
    return;
  }
  const whole = effect.wholeForRange ?? effect.gzip ?? !mayBePart(request, version);
  const range = byteRange(whole ? undefined : request.headers.range, resource.bytes);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${resource.bytes}` }).end();
    return;
  }
  const { first, last } = moved(range, effect) ?? { first: 0, last: resource.bytes - 1 };
  const end = Math.min(last, byteAt(effect.endAt, first, last) - 1);
  const length = Math.max(0, end - first + 1) + (effect.extraBytes ?? 0);
  const named = range !== null && effect.noContentRange !== true;
  response.writeHead(range === null ? 200 : 206, {
    ...headers,
    'Content-Type': resource.type,
    ...(effect.gzip ? { 'Content-Encoding': 'gzip' } : { 'Content-Length': length }),
    ...(named ? { 'Content-Range': `bytes ${first}-${last}/${resource.bytes}` } : {}),
  });
  if (request.method === 'HEAD' || length === 0) {
    response.end();
    return;
  }
  await sendBody(response, bytesOf(resource.content, first, end), { first, last: end }, effect);
}

function versionOf({ md5, lastModified }: Resource, effect: FaultEffect): Version {
  const own = md5 === null ? null : `"${md5}"`;
  const etag = effect.etag === undefined ? own : effect.etag;
  return {
    etag: effect.weakEtag && etag !== null ? `W/${etag}` : etag,
    lastModified: effect.noLastModified ? null : lastModified,
  };
}

function moved(range: ByteRange | null, { shiftRange = 0 }: FaultEffect): ByteRange | null {
  if (range === null) return null;
  return { first: Math.min(range.first + shiftRange, range.last), last: range.last };
}

function bytesOf(content: Buffer | string, first: number, last: number): AsyncIterable<Buffer> {
  if (last < first) return Readable.from([]) as AsyncIterable<Buffer>;
  return typeof content === 'string'
    ? (createReadStream(content, { start: first, end: last }) as AsyncIterable<Buffer>)
    : (Readable.from([content.subarray(first, last + 1)]) as AsyncIterable<Buffer>);
}

async function sendBody(
  response: ServerResponse,
  bytes: AsyncIterable<Buffer>,
  { first, last }: ByteRange,
  effect: FaultEffect,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  let body: AsyncIterable<Buffer> = damaged(bytes, first, last, effect, gone);
  if (effect.bytesPerSecond !== undefined) body = dripped(body, effect.bytesPerSecond, gone);
  if (effect.gzip) body = pipeline(Readable.from(body), createGzip(), () => undefined);
  response.flushHeaders();
  try {
    for await (const chunk of body) {
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
    if (effect.cutBy === 'reset') resetConnection(response);
    else response.destroy();
    if (!(error instanceof CutShort)) throw error;
  }
}
