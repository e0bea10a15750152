import { setTimeout as delay } from 'node:timers/promises';
import { byteAt, type FaultEffect } from './fault-effect.js';
import type { Resource } from './resource.js';

/** The connection is to be broken here. */
export class CutShort extends Error {}

/** Parts in which a slow body comes, per second. */
const DRIPS_PER_SECOND = 10;

/**
 * The body of an answer as a fault leaves it.
 * @param bytes of the resource from `first` to `last`
 * @param gone settles when nobody waits for the answer any more
 * @throws CutShort where the connection is to be broken
 */
export async function* damaged(
  bytes: AsyncIterable<Buffer>,
  first: number,
  last: number,
  effect: FaultEffect,
  gone: Promise<void>,
): AsyncGenerator<Buffer> {
  const corruptAt = byteAt(effect.corruptAt, first, last);
  const cutAt = byteAt(effect.cutAt, first, last);
  const stallAt = byteAt(effect.stallAt, first, last);
  const stopAt = Math.min(cutAt, stallAt);
  let position = first;
  for await (const chunk of bytes) {
    const end = position + chunk.length;
    const data = corruptAt >= position && corruptAt < end ? inverted(chunk, corruptAt - position) : chunk;
    if (stopAt < end) {
      yield data.subarray(0, Math.max(0, stopAt - position));
      if (stallAt <= cutAt) await gone;
      throw new CutShort();
    }
    yield data;
    position = end;
  }
  if (effect.extraBytes !== undefined) yield Buffer.alloc(effect.extraBytes, 'more ');
}

/** The same bytes at a steady rate. */
export async function* dripped(
  bytes: AsyncIterable<Buffer>,
  bytesPerSecond: number,
  gone: Promise<void>,
): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor(bytesPerSecond / DRIPS_PER_SECOND));
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; at += step) {
      const part = chunk.subarray(at, at + step);
      yield part;
      const timer = new AbortController();
      const pause = delay((1000 * part.length) / bytesPerSecond, undefined, { signal: timer.signal });
      await Promise.race([pause.catch(() => undefined), gone]);
      timer.abort();
    }
  }
}

/** A label that states another checksum or size of its file than the file has. */
export function relabelled(resource: Resource, { label }: FaultEffect): Resource {
  if (label === undefined || typeof resource.content === 'string') return resource;
  const text = resource.content.toString('latin1');
  const content = Buffer.from(label === 'md5' ? withOtherMd5(text) : withOtherSize(text), 'latin1');
  return { ...resource, content, bytes: content.length, md5: `${resource.md5}-${label}` };
}

function withOtherMd5(text: string): string {
  return text.replace(
    /(MD5_CHECKSUM\s*=\s*"|<md5_checksum>)([0-9a-f]{32})/g,
    (_, before: string, md5: string) => before + md5.replace(/./g, (digit) => (digit === '0' ? '1' : '0')),
  );
}

/** One record, or one byte, more. */
function withOtherSize(text: string): string {
  return text.replace(
    /((?:FILE_RECORDS|ROWS)\s*=\s*|<file_size[^>]*>)(\d+)/g,
    (_, before: string, size: string) => before + String(Number(size) + 1),
  );
}

function inverted(chunk: Buffer, at: number): Buffer {
  const copy = Buffer.from(chunk);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
