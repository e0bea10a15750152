import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { download } from '../../src/archive/fetch/download.js';
import { openDownloadArea, type DownloadArea } from '../../src/archive/fetch/download-area.js';
import { ownerTag } from '../../src/archive/fetch/owner-tag.js';
import { PARTS_FOLDER, PartsFolder } from '../../src/archive/fetch/parts-folder.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { testFolder, testServer, testSource, type TestServer } from './support.js';

const DIST = new URL('../../dist/', import.meta.url).href;
const BYTES = 300_000;
const WHOLE = Buffer.from(Array.from({ length: BYTES }, (_, n) => (n * 7 + (n >> 8)) & 255));
const MD5 = createHash('md5').update(WHOLE).digest('hex');
const KNOWN = { bytes: BYTES, md5: MD5 };

interface Serving {
  /** Break the answer after so many bytes; null = answer the whole. */
  breakAt: number | null;
  etag: string | null;
  /** Answer a range by the whole. */
  ignoreRange?: boolean;
  file?: Buffer;
  /** Do not end the connection where it breaks. */
  hang?: boolean;
}

/** Serves one file with ranges and If-Range, breaking off where it is told to. */
async function fileServer(serving: Serving): Promise<TestServer> {
  return testServer((request, response) => {
    const { breakAt, etag, ignoreRange, hang } = serving;
    const file = serving.file ?? WHOLE;
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const start = from > 0 && same && ignoreRange !== true ? from : 0;
    if (start >= file.length) return void response.writeHead(416).end();
    response.writeHead(start > 0 ? 206 : 200, {
      ...(etag === null ? {} : { ETag: etag }),
      ...(start > 0 ? { 'Content-Range': `bytes ${start}-${file.length - 1}/${file.length}` } : {}),
      'Content-Length': file.length - start,
    });
    if (breakAt === null) response.end(file.subarray(start));
    else
      response.write(file.subarray(start, start + breakAt), () => {
        if (hang !== true) setTimeout(() => response.destroy(), 50);
      });
  });
}

interface Bench {
  readonly area: DownloadArea;
  readonly dir: string;
  readonly target: string;
  readonly parts: () => Promise<string[]>;
  readonly fetch: (
    server: TestServer,
    expected?: { bytes: number | null; md5: string | null },
  ) => Promise<string>;
}

async function bench(): Promise<Bench> {
  const dir = await testFolder();
  const { client } = await testSource(['http://127.0.0.1/'], { retries: 0 });
  const area = openDownloadArea({ dir, limitBytes: 0, clock: systemClock });
  const target = join(dir, 'image');
  return {
    area,
    dir,
    target,
    parts: async () => (await readdir(join(dir, PARTS_FOLDER)).catch(() => [])).sort(),
    fetch: async (server, expected = KNOWN) => {
      const { sha256 } = await download(client, `${server.url}image`, target, expected, { area });
      return sha256;
    },
  };
}

const SHA256 = createHash('sha256').update(WHOLE).digest('hex');

describe('a download that broke off', () => {
  it('goes on where it broke when it is fetched again, and leaves nothing in the end', async () => {
    const { fetch, parts, target } = await bench();
    const serving: Serving = { breakAt: 100_000, etag: '"1"' };
    const server = await fileServer(serving);
    await expect(fetch(server)).rejects.toMatchObject({ name: 'TransientError' });
    expect(await parts()).toEqual([
      expect.stringMatching(/^[0-9a-f]{16}-[0-9a-f]{8}-[0-9a-f]{8}\.free\.[0-9a-f]{16}\.part$/),
      expect.stringMatching(/^[0-9a-f]{16}-[0-9a-f]{8}-[0-9a-f]{8}\.json$/),
    ]);
    await expect(fetch(server)).rejects.toMatchObject({ name: 'TransientError' });
    serving.breakAt = null;
    expect(await fetch(server)).toBe(SHA256);
    expect((await readFile(target)).equals(WHOLE)).toBe(true);
    // What was on its way when the line broke is lost.
    const [first, ...from] = server.asked.map(({ headers }) => headers.range?.slice('bytes='.length, -1));
    expect(first).toBeUndefined();
    expect(Number(from[0])).toBeGreaterThan(0);
    expect(Number(from[0])).toBeLessThanOrEqual(100_000);
    expect(Number(from[1])).toBeGreaterThan(Number(from[0]));
    expect(await parts()).toEqual([]);
  });

  it.each<[string, Partial<Serving>, RegExp[]]>([
    ['another version is there', { etag: '"2"' }, [/^bytes=[1-9]\d+-$/]],
    ['the server heeds no ranges', { ignoreRange: true }, [/^bytes=[1-9]\d+-$/]],
  ])('begins anew when %s', async (_what, change, ranges) => {
    const { fetch } = await bench();
    const serving: Serving = { breakAt: 100_000, etag: '"1"' };
    const server = await fileServer(serving);
    await fetch(server).catch(() => undefined);
    Object.assign(serving, { breakAt: null, ...change });
    expect(await fetch(server)).toBe(SHA256);
    const asked = server.asked.slice(1).map(({ headers }) => headers.range);
    expect(asked).toEqual(ranges.map((range) => expect.stringMatching(range) as string));
  });

  it('begins anew when its label tells another MD5, and removes the part of the other', async () => {
    const { fetch, parts } = await bench();
    const serving: Serving = { breakAt: 100_000, etag: '"1"' };
    const server = await fileServer(serving);
    await fetch(server, { bytes: BYTES, md5: 'a'.repeat(32) }).catch(() => undefined);
    serving.breakAt = null;
    expect(await fetch(server)).toBe(SHA256);
    expect(server.asked.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
    expect(await parts()).toEqual([]);
  });

  it('begins anew when what is here was damaged on the disk', async () => {
    const { fetch, parts, dir } = await bench();
    const serving: Serving = { breakAt: 100_000, etag: '"1"' };
    const server = await fileServer(serving);
    await fetch(server).catch(() => undefined);
    const [part = ''] = await parts();
    await writeFile(join(dir, PARTS_FOLDER, part), Buffer.alloc(100_000));
    serving.breakAt = null;
    await expect(fetch(server)).rejects.toMatchObject({ code: 'checksum_mismatch' });
    expect(await fetch(server)).toBe(SHA256);
  });

  it('leaves no part where the server names no version', async () => {
    const { fetch, parts } = await bench();
    const server = await fileServer({ breakAt: 100_000, etag: null });
    await fetch(server).catch(() => undefined);
    expect(await parts()).toEqual([]);
  });

  it('is not asked for again when all of it is here', async () => {
    const { fetch, parts, dir } = await bench();
    const serving: Serving = { breakAt: 299_999, etag: '"1"' };
    const server = await fileServer(serving);
    await fetch(server).catch(() => undefined);
    const [part = ''] = await parts();
    await writeFile(join(dir, PARTS_FOLDER, part), WHOLE);
    expect(await fetch(server)).toBe(SHA256);
    expect(server.asked).toHaveLength(1);
  });

  it('goes on after its process was killed, in another one', async () => {
    const { fetch, parts, dir } = await bench();
    const serving: Serving = { breakAt: 150_000, etag: '"1"', hang: true };
    const server = await fileServer(serving);
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, dir, `${server.url}image`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    await until(async () => {
      const names = await parts();
      const part = names.find((name) => name.endsWith('.part'));
      return part !== undefined && (await readFile(join(dir, PARTS_FOLDER, part))).length === 150_000;
    });
    // While its process lives nobody else takes it.
    const other = await new PartsFolder(dir).take(`${server.url}image`, MD5);
    expect(other.file.bytes).toBe(0);
    await other.release(false);
    child.kill('SIGKILL');
    await ended;
    Object.assign(serving, { breakAt: null });
    expect(await fetch(server)).toBe(SHA256);
    expect(server.asked.at(-1)?.headers.range).toBe('bytes=150000-');
    expect(await parts()).toEqual([]);
  }, 30_000);
});

const CHILD = `
  const { createLocalGate } = await import('${DIST}archive/politeness/host-gate.js');
  const { HttpClient } = await import('${DIST}archive/http/http-client.js');
  const { download } = await import('${DIST}archive/fetch/download.js');
  const { openDownloadArea } = await import('${DIST}archive/fetch/download-area.js');
  const { systemClock: clock } = await import('${DIST}telemetry/clock.js');
  const [dir, url] = process.argv.slice(1);
  const gate = createLocalGate({ spacingMs: 0, patienceMs: 1000, clock });
  const client = new HttpClient({ userAgent: 'x', gate, clock, timeoutMs: 60000, retries: 0 });
  const area = openDownloadArea({ dir, limitBytes: 0, clock });
  await download(client, url, dir + '/child', ${JSON.stringify(KNOWN)}, { area });`;

describe('the folder of parts', () => {
  const URL_OF = 'http://archive.example/image';

  async function leavePart(folder: PartsFolder, text: string): Promise<void> {
    const part = await folder.take(URL_OF, null);
    await part.file.restart({ etag: '"1"', lastModified: null }, 1000);
    await part.begun();
    await part.file.append(Buffer.from(text));
    await part.release(true);
  }

  it('gives a part to one of many who ask at once', async () => {
    const folder = new PartsFolder(await testFolder());
    await leavePart(folder, 'abc');
    const taken = await Promise.all(Array.from({ length: 8 }, () => folder.take(URL_OF, null)));
    expect(taken.filter(({ file }) => file.bytes === 3)).toHaveLength(1);
    expect(taken.find(({ file }) => file.bytes === 3)?.file.resumeHeaders).toEqual({
      Range: 'bytes=3-',
      'If-Range': '"1"',
    });
    for (const part of taken) await part.release(false);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('gives away what an earlier process of our number left, or one elsewhere a while ago', async () => {
    const folder = new PartsFolder(await testFolder());
    for (const owner of [`${hostTag()}-${process.pid}-00000000`, '00000000-1-00000000']) {
      await leavePart(folder, 'abc');
      const [part] = await folder.list();
      const name = part!.name.replace('.free.', `.${owner}.`);
      await rename(join(folder.path, part!.name), join(folder.path, name));
      const elsewhere = owner.startsWith('0000');
      const first = await folder.take(URL_OF, null);
      expect(first.file.bytes).toBe(elsewhere ? 0 : 3);
      await first.release(false);
      if (!elsewhere) continue;
      const before = new Date(Date.now() - 3_600_000);
      await utimes(join(folder.path, name), before, before);
      const second = await folder.take(URL_OF, null);
      expect(second.file.bytes).toBe(3);
      await second.release(false);
    }
  });

  it('forgets parts that nobody took up for a week', async () => {
    const dir = await testFolder();
    const folder = new PartsFolder(dir);
    await leavePart(folder, 'abc');
    await folder.sweep();
    expect(await readdir(folder.path)).toHaveLength(2);
    await new PartsFolder(dir, () => Date.now() + 8 * 86_400_000).sweep();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('takes no part whose version nothing tells', async () => {
    const folder = new PartsFolder(await testFolder());
    await leavePart(folder, 'abc');
    for (const name of await readdir(folder.path))
      if (name.endsWith('.json')) await writeFile(join(folder.path, name), '{"version":');
    const part = await folder.take(URL_OF, null);
    expect(part.file.bytes).toBe(0);
    await part.release(false);
  });
});

function hostTag(): string {
  return ownerTag().split('-')[0] ?? '';
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 1000; n++) {
    if (await isSo()) return;
    await systemClock.sleep(20);
  }
  throw new Error('it never came to that');
}
