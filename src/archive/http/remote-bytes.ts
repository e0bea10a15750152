import { basename } from 'node:path';
import type { ByteSource } from '../../domain/bytes.js';
import { OperationalError, TransientError } from '../../domain/errors.js';
import type { Validator } from '../archive-source.js';
import { BlockCache } from './block-cache.js';
import { assertNotPage } from './content-check.js';
import { parseContentRange } from './content-range.js';
import type { Answer, HttpClient } from './http-client.js';
import { isPlain, strongValidator, validatorOf } from './validator.js';

export interface RemoteBytesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Size as the archive's label tells it; another one is trouble. */
  readonly bytes?: number | null;
  /** Unit of what is asked for and kept. Default 1 MiB. */
  readonly blockBytes?: number;
  /** Blocks asked for by one request while they are read one after the other. Default 4. */
  readonly readAhead?: number;
  /** Blocks kept. Default 64. */
  readonly keptBlocks?: number;
}

const PRECONDITION_FAILED = 412;
const RANGE_NOT_SATISFIABLE = 416;

/** One version of a file on a server. */
interface Version {
  readonly size: number;
  readonly validator: Validator;
}

/**
 * Opens a file on a server for reading in any order: single ranges of whole blocks, one request at a time,
 * some blocks ahead where reading goes forward, the latest blocks kept in memory, nothing on disk. All bytes are
 * of one version of the file.
 *
 * @throws TransientError `changed` when the file is replaced meanwhile, and as the client does
 * @throws OperationalError `no_ranges` when the server sends the whole where a part was asked for
 */
export async function openRemoteBytes(
  client: HttpClient,
  url: string,
  options: RemoteBytesOptions = {},
): Promise<ByteSource> {
  const { signal, bytes = null, blockBytes = 1 << 20, readAhead = 4, keptBlocks = 64 } = options;
  const cache = new BlockCache(keptBlocks);
  let version: Version | null = null;

  const fetchBlocks = async (first: number, count: number): Promise<Version> => {
    const part = await getPart(client, url, first * blockBytes, count * blockBytes, version, signal);
    if (bytes !== null && part.version.size !== bytes)
      throw new TransientError(
        'size_mismatch',
        `${url} has ${part.version.size} bytes where its label says ${bytes}; it is asked again later.`,
      );
    // Copied, so that one block that stays does not keep all that came with it.
    for (let at = 0; at < part.data.length; at += blockBytes)
      cache.put(first + at / blockBytes, Uint8Array.from(part.data.subarray(at, at + blockBytes)));
    return part.version;
  };
  version = await fetchBlocks(0, 1);
  const { size } = version;
  const blocks = Math.ceil(size / blockBytes);
  const ahead = Math.min(readAhead, keptBlocks);
  /** As many blocks at once as stay kept beside those read ahead. */
  const step = Math.max(1, keptBlocks - ahead);
  let next = 1;

  /** Fetches the missing blocks of `[from, to)`, neighbours by one request. */
  const fill = async (from: number, to: number): Promise<void> => {
    for (let at = from; at < to; at++) if (cache.has(at)) cache.get(at);
    for (let at = from; at < to; at++) {
      if (cache.has(at)) continue;
      let end = at + 1;
      while (end < to && !cache.has(end)) end++;
      const limit = at === next && end === to ? Math.min(blocks, at + ahead) : end;
      while (end < limit && !cache.has(end)) end++;
      await fetchBlocks(at, end - at);
      next = end;
    }
  };

  const readNow = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const end = Math.min(offset + length, size);
    const out = new Uint8Array(Math.max(0, end - offset));
    const last = Math.ceil(end / blockBytes);
    for (let from = Math.floor(offset / blockBytes); from < last; from += step) {
      const to = Math.min(last, from + step);
      await fill(from, to);
      for (let block = from; block < to; block++) {
        const start = block * blockBytes;
        const data = cache.get(block).subarray(Math.max(0, offset - start), end - start);
        out.set(data, Math.max(0, start - offset));
      }
    }
    return out;
  };

  let turn: Promise<unknown> = Promise.resolve();
  return {
    name: basename(new URL(url).pathname),
    path: url,
    size,
    read(offset, length) {
      const result = turn.then(() => readNow(offset, length));
      turn = result.catch(() => undefined);
      return result;
    },
    close() {
      cache.clear();
      return Promise.resolve();
    },
  };
}

interface Part {
  readonly version: Version;
  readonly data: Buffer;
}

/** One range of a file, checked to be just that range of just that version. */
function getPart(
  client: HttpClient,
  url: string,
  offset: number,
  length: number,
  known: Version | null,
  signal: AbortSignal | undefined,
): Promise<Part> {
  const last = Math.min(offset + length, known?.size ?? Infinity) - 1;
  const headers = {
    'Accept-Encoding': 'identity',
    Range: `bytes=${offset}-${last}`,
    ...(known === null ? {} : condition(known.validator)),
  };
  const receive = async (answer: Answer): Promise<Part> => {
    if (answer.status === PRECONDITION_FAILED || answer.status === RANGE_NOT_SATISFIABLE) {
      throw known === null ? wrong(url, 'has no bytes') : changed(url);
    }
    assertNotPage(answer.headers.get('content-type'), new Uint8Array(), url);
    if (answer.status !== 206) {
      for await (const chunk of answer.body) {
        assertNotPage(null, chunk, url);
        break;
      }
      throw new OperationalError(
        'no_ranges',
        `${url} is answered as a whole where a part was asked for; set archive.access to download.`,
      );
    }
    const version = versionOf(answer, offset, last, url);
    if (known !== null && !isSame(known, version)) throw changed(url);
    const data = await bodyOf(answer, Math.min(last + 1, version.size) - offset, url);
    return { version, data };
  };
  return client.get(url, receive, { signal, headers, accept: [PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE] });
}

function condition(validator: Validator): Readonly<Record<string, string>> {
  const version = strongValidator(validator);
  if (version === null) return {};
  return version === validator.etag ? { 'If-Match': version } : { 'If-Unmodified-Since': version };
}

function versionOf(answer: Answer, offset: number, last: number, url: string): Version {
  const range = parseContentRange(answer.headers.get('content-range'));
  if (range?.total == null || range.first !== offset || !isPlain(answer))
    throw wrong(url, 'answers another part than was asked for');
  if (range.last !== Math.min(last, range.total - 1))
    throw wrong(url, 'answers another part than was asked for');
  return { size: range.total, validator: validatorOf(answer) };
}

function isSame(known: Version, now: Version): boolean {
  const version = strongValidator(now.validator);
  return now.size === known.size && (version === null || version === strongValidator(known.validator));
}

async function bodyOf(answer: Answer, length: number, url: string): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length);
  let filled = 0;
  for await (const chunk of answer.body) {
    if (filled + chunk.length > length) throw wrong(url, 'sends more than the part that was asked for');
    filled += chunk.copy(data, filled);
  }
  if (filled < length) throw wrong(url, 'sends less than the part that was asked for');
  return data;
}

function wrong(url: string, what: string): TransientError {
  return new TransientError('range', `${url} ${what}; it is asked again later.`);
}

function changed(url: string): TransientError {
  return new TransientError('changed', `${url} was replaced while it was read; it is asked again later.`);
}
