import { dirname } from 'node:path';
import { OperationalError, TransientError } from '../../domain/errors.js';
import { assertNotPage } from '../http/content-check.js';
import { parseContentRange } from '../http/content-range.js';
import { assertRoom } from './disk-room.js';
import type { DownloadArea } from './download-area.js';
import { DownloadTarget, NeedsRoom, differs, type Expected } from './download-target.js';
import type { Answer, GetOptions, HttpClient } from '../http/http-client.js';
import { errorOfFailure } from '../http/http-errors.js';
import type { PartFile } from './part-file.js';
import { createTemporaryPart, type Part } from './temporary-part.js';
import { isPlain, validatorOf } from '../http/validator.js';

export interface Downloaded {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** First 512 bytes. */
  readonly head: Uint8Array;
}

export interface DownloadOptions extends Pick<GetOptions, 'signal' | 'retries'> {
  /** Where parts outlive a download that broke off, within a budget. Default: neither. */
  readonly area?: DownloadArea | undefined;
}

/** Bytes that a file may have where its size is not told: no answer may fill the disk. */
const DEFAULT_MAX_BYTES = 2 ** 32;

const RANGE_NOT_SATISFIABLE = 416;
/** Whole files with another MD5 than their label's before asking is left for later: the label may be out of date. */
const MOST_MISMATCHES = 2;

/**
 * Streams a file to `path` and verifies it on the way. A body that breaks off is asked for from there on, and
 * what comes is appended only when it is the rest of the same version; the checksums are over the whole.
 * The file appears under its name only when it is whole; nothing else is ever left in its folder.
 *
 * With an `area` the download waits for room in its budget, and what came before all attempts failed stays in its
 * parts folder: the next call for that version goes on with it, be it in another process. After `disk_full` it
 * does not stay, so that others get their room back.
 *
 * @param maxBytes the file's limit where its size is not told
 * @throws TransientError when its size or checksum differ from what was expected
 * @throws OperationalError `disk_full`, `disk_budget`; `too_large` beyond `maxBytes`
 */
export async function download(
  client: HttpClient,
  url: string,
  path: string,
  expected: Expected,
  { area, ...options }: DownloadOptions,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<Downloaded> {
  const part = await takePart(url, path, expected, area);
  const target = new DownloadTarget(url, part, expected, maxBytes, area);
  let keep = true;
  let finished = false;
  try {
    if (!(await isWholeAlready(part.file, expected))) {
      if (expected.bytes !== null) {
        await target.waitForRoom(expected.bytes, options.signal);
        await assertRoom(dirname(path), expected.bytes - part.file.bytes, url);
      }
      await receive(client, target, dirname(path), options);
    }
    const { bytes, sha256, head } = part.file;
    await part.finish(path);
    finished = true;
    return { bytes, sha256, head };
  } catch (error) {
    keep = !(error instanceof OperationalError && error.code === 'disk_full');
    throw error;
  } finally {
    await target.releaseRoom();
    if (!finished) await part.release(keep);
  }
}

async function takePart(
  url: string,
  path: string,
  { md5 }: Expected,
  area: DownloadArea | undefined,
): Promise<Part> {
  try {
    return await (area === undefined ? createTemporaryPart(path) : area.parts.take(url, md5));
  } catch (error) {
    throw errorOfFailure(error, url);
  }
}

/** A process that ended between the last byte and the renaming leaves a whole part. */
async function isWholeAlready(file: PartFile, { bytes, md5 }: Expected): Promise<boolean> {
  if (file.bytes === 0 || file.bytes < (bytes ?? file.total ?? Infinity)) return false;
  if (bytes !== null && md5 !== null && file.bytes === bytes && file.md5 === md5) return true;
  await file.restart(null, null);
  return false;
}

/** Asks until the whole is there; where room must be waited for, the host is not kept waiting meanwhile. */
async function receive(
  client: HttpClient,
  target: DownloadTarget,
  dir: string,
  options: Omit<DownloadOptions, 'area'>,
): Promise<void> {
  const { file } = target.part;
  let mismatches = 0;
  const consume = async (answer: Answer) => {
    await take(answer, target, dir);
    await verify(file, target, () => ++mismatches < MOST_MISMATCHES);
  };
  for (;;) {
    try {
      return await client.get(target.url, consume, {
        ...options,
        headers: () => ({ 'Accept-Encoding': 'identity', ...file.resumeHeaders }),
        accept: [RANGE_NOT_SATISFIABLE],
      });
    } catch (error) {
      if (!(error instanceof NeedsRoom)) throw error;
      await target.waitForRoom(error.bytes, options.signal);
    }
  }
}

async function take(answer: Answer, target: DownloadTarget, dir: string): Promise<void> {
  const { url, part } = target;
  const { file } = part;
  const goesOn = answer.status === 206;
  if (answer.status === RANGE_NOT_SATISFIABLE || (goesOn && !isRest(answer, file))) {
    await file.restart(null, null);
    throw new TransientError('resume', `${url} does not go on where it broke off; it is asked for anew.`);
  }
  if (!goesOn && answer.status !== 200) {
    throw new TransientError(
      'http_status',
      `${url} answered HTTP ${answer.status}; it is asked again later.`,
    );
  }
  assertNotPage(answer.headers.get('content-type'), new Uint8Array(), url);
  if (goesOn) await target.assertRoom(file.total);
  let begun = goesOn;
  for await (const chunk of answer.body) {
    if (!begun) {
      assertNotPage(null, chunk, url);
      await begin(answer, target, dir);
      begun = true;
    }
    if (file.bytes + chunk.length > target.limit) {
      await file.restart(null, null);
      throw target.tooLong();
    }
    await part.assertOurs();
    await file.append(chunk);
  }
  if (!begun) await begin(answer, target, dir);
}

/** Whether a part is just the rest of the version at hand: from its first missing byte to its end. */
function isRest(answer: Answer, file: PartFile): boolean {
  const range = parseContentRange(answer.headers.get('content-range'));
  if (range === null || range.first !== file.bytes || !isPlain(answer)) return false;
  const toTheEnd = range.total === null || range.last === range.total - 1;
  const sameSize = range.total === null || file.total === null || range.total === file.total;
  return toTheEnd && sameSize && file.matches(validatorOf(answer));
}

/** Begins with a whole answer, once its first bytes have shown that it is none in place of data. */
async function begin(answer: Answer, target: DownloadTarget, dir: string): Promise<void> {
  const { url, part } = target;
  const plain = isPlain(answer);
  const length = Number(answer.headers.get('content-length') ?? NaN);
  const total = plain && Number.isSafeInteger(length) ? length : null;
  await part.file.restart(plain ? validatorOf(answer) : null, total);
  await part.begun();
  if (total !== null && total > target.limit) throw target.tooLong();
  await target.assertRoom(target.expected.bytes ?? total);
  await assertRoom(dir, total ?? 0, url);
}

/**
 * A file that is short goes on at the next attempt, one that differs begins anew.
 * @param mayRepeat told of a whole file that is another one than its label says: whether it is asked for once more
 */
async function verify(
  file: PartFile,
  { url, expected: { bytes, md5 } }: DownloadTarget,
  mayRepeat: () => boolean,
): Promise<void> {
  const whole = bytes ?? file.total;
  if (whole !== null && file.bytes < whole) {
    const error = differs(url, 'is shorter than', whole);
    if (file.total !== null && file.bytes >= file.total) await file.restart(null, null);
    throw error;
  }
  if (md5 !== null && file.md5 !== md5) {
    await file.restart(null, null);
    throw new TransientError(
      'checksum_mismatch',
      `${url} has another MD5 than its label says; it is asked again later.`,
      { repeats: mayRepeat() },
    );
  }
}
