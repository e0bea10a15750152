import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TransientError } from '../domain/errors.js';
import { assertNotPage } from './content-check.js';
import { parseContentRange } from './content-range.js';
import { assertRoom } from './disk-room.js';
import type { Answer, GetOptions, HttpClient } from './http-client.js';
import { PartFile } from './part-file.js';
import { isPlain, validatorOf } from './validator.js';

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

/** Bytes that a file may have where its size is not told: no answer may fill the disk. */
const DEFAULT_MAX_BYTES = 2 ** 32;

const RANGE_NOT_SATISFIABLE = 416;

/**
 * Streams a file to `path` and verifies it on the way. A body that breaks off is asked for from there on, and
 * what comes is appended only when it is the rest of the same version; the checksums are over the whole.
 * The file appears under its name only when it is whole; whatever fails, no part of it stays behind, so that
 * another call begins anew.
 * @param maxBytes the file's limit where its size is not told
 * @throws TransientError when its size or checksum differ from what was expected
 * @throws OperationalError `disk_full`
 */
export async function download(
  client: HttpClient,
  url: string,
  path: string,
  expected: Expected,
  options: Pick<GetOptions, 'signal' | 'retries'>,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<Downloaded> {
  const limit = expected.bytes ?? maxBytes;
  await assertRoom(dirname(path), expected.bytes ?? 0, url);
  const name = `${path}.${randomUUID()}.part`;
  const part = await PartFile.create(name);
  try {
    const receive = async (answer: Answer) => {
      await take(answer, part, { url, dir: dirname(path), limit });
      await verify(part, url, expected);
    };
    await client.get(url, receive, {
      ...options,
      headers: () => ({ 'Accept-Encoding': 'identity', ...part.resumeHeaders }),
      accept: [RANGE_NOT_SATISFIABLE],
    });
    await part.close();
    await rename(name, path);
    return { bytes: part.bytes, sha256: part.sha256, head: part.head };
  } catch (error) {
    await part.close();
    await rm(name, { force: true });
    throw error;
  }
}

interface Target {
  readonly url: string;
  readonly dir: string;
  /** Bytes at most. */
  readonly limit: number;
}

async function take(answer: Answer, part: PartFile, { url, dir, limit }: Target): Promise<void> {
  const goesOn = answer.status === 206;
  if (answer.status === RANGE_NOT_SATISFIABLE || (goesOn && !isRest(answer, part))) {
    await part.restart(null, null);
    throw new TransientError('resume', `${url} does not go on where it broke off; it is asked for anew.`);
  }
  assertNotPage(answer.headers.get('content-type'), new Uint8Array(), url);
  let begun = goesOn;
  for await (const chunk of answer.body) {
    if (!begun) {
      assertNotPage(null, chunk, url);
      await begin(answer, part, { url, dir, limit });
      begun = true;
    }
    if (part.bytes + chunk.length > limit) {
      await part.restart(null, null);
      throw differs(url, 'is longer than', limit);
    }
    await part.append(chunk);
  }
  if (!begun) await begin(answer, part, { url, dir, limit });
}

/** Whether a part is just the rest of the version at hand: from its first missing byte to its end. */
function isRest(answer: Answer, part: PartFile): boolean {
  const range = parseContentRange(answer.headers.get('content-range'));
  if (range === null || range.first !== part.bytes || !isPlain(answer)) return false;
  const toTheEnd = range.total === null || range.last === range.total - 1;
  const sameSize = range.total === null || part.total === null || range.total === part.total;
  return toTheEnd && sameSize && part.matches(validatorOf(answer));
}

/** Begins with a whole answer, once its first bytes have shown that it is none in place of data. */
async function begin(answer: Answer, part: PartFile, { url, dir, limit }: Target): Promise<void> {
  const plain = isPlain(answer);
  const length = Number(answer.headers.get('content-length') ?? NaN);
  const total = plain && Number.isSafeInteger(length) ? length : null;
  await part.restart(plain ? validatorOf(answer) : null, total);
  if (total !== null && total > limit) throw differs(url, 'is longer than', limit);
  await assertRoom(dir, total ?? 0, url);
}

/** A file that is short goes on at the next attempt, one that differs begins anew. */
async function verify(part: PartFile, url: string, { bytes, md5 }: Expected): Promise<void> {
  const whole = bytes ?? part.total;
  if (whole !== null && part.bytes < whole) {
    const error = differs(url, 'is shorter than', whole);
    if (part.total !== null && part.bytes >= part.total) await part.restart(null, null);
    throw error;
  }
  if (md5 !== null && part.md5 !== md5) {
    await part.restart(null, null);
    throw new TransientError(
      'checksum_mismatch',
      `${url} has another MD5 than its label says; it is asked again later.`,
    );
  }
}

function differs(url: string, how: string, bytes: number): TransientError {
  return new TransientError(
    'size_mismatch',
    `${url} ${how} the ${bytes} bytes that it should have; it is asked again later.`,
  );
}
