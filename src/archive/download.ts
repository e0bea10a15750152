import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { TransientError } from '../domain/errors.js';
import { assertNotPage } from './content-check.js';
import type { Answer, GetOptions, HttpClient } from './http-client.js';

/** What the archive says a file is. */
export interface Expected {
  /** null where it is not told. */
  readonly bytes: number | null;
  /** Lower-case hex; null where it is not told. */
  readonly md5: string | null;
}

export interface Downloaded {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** First 512 bytes. */
  readonly head: Uint8Array;
}

/** Where no size is told: twice the largest file of the archive, so that no answer fills the disk. */
const MAX_BYTES = 2 ** 32;

/**
 * Streams a file to `path` and verifies it on the way. It appears under its name only when it is whole; whatever
 * fails, no part of it stays behind.
 * @throws TransientError when its size or checksum differ from what was expected
 */
export function download(
  client: HttpClient,
  url: string,
  path: string,
  expected: Expected,
  options: GetOptions,
): Promise<Downloaded> {
  return client.get(
    url,
    async (answer) => {
      const part = `${path}.${randomUUID()}.part`;
      try {
        const result = await store(answer, part, expected, url);
        await rename(part, path);
        return result;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    options,
  );
}

async function store(answer: Answer, part: string, expected: Expected, url: string): Promise<Downloaded> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let bytes = 0;
  let head: Buffer | null = null;
  const file = await open(part, 'wx');
  try {
    for await (const chunk of answer.body) {
      head ??= checkedHead(answer, chunk, url);
      bytes += chunk.length;
      if (bytes > (expected.bytes ?? MAX_BYTES)) throw differs(url, 'is longer than', expected);
      md5.update(chunk);
      sha256.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  if (expected.bytes !== null && bytes < expected.bytes) throw differs(url, 'is shorter than', expected);
  if (expected.md5 !== null && md5.digest('hex') !== expected.md5) {
    throw new TransientError(
      'checksum_mismatch',
      `${url} has another MD5 than its label says; it is asked again later.`,
    );
  }
  return { bytes, sha256: sha256.digest('hex'), head: head ?? new Uint8Array() };
}

function checkedHead(answer: Answer, chunk: Buffer, url: string): Buffer {
  const head = Buffer.from(chunk.subarray(0, 512));
  assertNotPage(answer.headers.get('content-type'), head, url);
  return head;
}

function differs(url: string, how: string, { bytes }: Expected): TransientError {
  return new TransientError(
    'size_mismatch',
    `${url} ${how} the ${bytes ?? MAX_BYTES} bytes that it may have; it is asked again later.`,
  );
}
