import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { download } from '../../src/archive/fetch/download.js';
import { openDownloadArea, type DownloadArea } from '../../src/archive/fetch/download-area.js';
import { PARTS_FOLDER } from '../../src/archive/fetch/parts-folder.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { testFolder, testServer, testSource } from './support.js';

const DIST = new URL('../../dist/', import.meta.url).href;
const URL_OF = 'http://archive.example/image';

function areaOf(dir: string, limitBytes: number, lines: string[] = []): DownloadArea {
  return openDownloadArea({ dir, limitBytes, clock: systemClock, onWait: (line) => lines.push(line) });
}

/** Announcements that were not withdrawn. */
const rooms = async (dir: string) =>
  (await readdir(join(dir, PARTS_FOLDER))).filter((name) => name.startsWith('room.'));

async function keepImage(dir: string, bytes: number): Promise<string> {
  const folder = join(dir, 'selenoscan-scan-1-abc');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'image'), Buffer.alloc(bytes));
  return folder;
}

describe('the disk budget', () => {
  it('is never exceeded by those who write at once, and everybody comes to the end', async () => {
    const dir = await testFolder();
    const budgets = [1, 2, 3].map(() => areaOf(dir, 1000).budget);
    let held = 0;
    let most = 0;
    let done = 0;
    await Promise.all(
      Array.from({ length: 18 }, async (_, n) => {
        const bytes = 150 + ((n * 211) % 800);
        const room = await budgets[n % 3]!.reserve(bytes, `part${n}`, URL_OF);
        most = Math.max(most, (held += bytes));
        await delay(10);
        held -= bytes;
        await room.release();
        done++;
      }),
    );
    expect(done).toBe(18);
    expect(most).toBeLessThanOrEqual(1000);
    expect(most).toBeGreaterThan(500);
    expect(await rooms(dir)).toEqual([]);
  });

  it('is shared with other processes, and what a killed one had set aside is free again', async () => {
    const dir = await testFolder();
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: child.stdout }), 'line');
    const { budget } = areaOf(dir, 1000);
    expect(await budget.tryReserve(400, 'mine', URL_OF)).toBeNull();
    const waiting = budget.reserve(400, 'mine', URL_OF);
    child.kill('SIGKILL');
    await (await waiting).release();
    expect(await rooms(dir)).toEqual([]);
  }, 30_000);

  it('makes a download wait until an image is gone, saying so once', async () => {
    const dir = await testFolder();
    const folder = await keepImage(dir, 700);
    const lines: string[] = [];
    const waiting = areaOf(dir, 1000, lines).budget.reserve(400, 'part', URL_OF);
    expect(await Promise.race([waiting.then(() => 'early'), delay(400, 'waiting')])).toBe('waiting');
    await writeFile(join(folder, 'image'), '');
    await (await waiting).release();
    expect(lines).toEqual([
      `${URL_OF} takes 0 MB and waits for room in ${dir}: archive.disk_mb allows 0 MB in all.`,
    ]);
  });

  it('lets nobody pass one who waits for much', async () => {
    const dir = await testFolder();
    const folder = await keepImage(dir, 500);
    const { budget } = areaOf(dir, 1000);
    const order: string[] = [];
    const large = budget.reserve(900, 'large', URL_OF).then((room) => (order.push('large'), room));
    await delay(150);
    const small = budget.reserve(200, 'small', URL_OF).then((room) => (order.push('small'), room));
    await delay(150);
    expect(order).toEqual([]);
    await writeFile(join(folder, 'image'), '');
    await (await large).release();
    await (await small).release();
    expect(order).toEqual(['large', 'small']);
  });

  it('counts the part that is there already but once', async () => {
    const dir = await testFolder();
    const area = areaOf(dir, 1000);
    const part = await area.parts.take(URL_OF, null);
    await part.file.append(Buffer.alloc(600));
    const room = await area.budget.tryReserve(1000, part.nonce, URL_OF);
    expect(room).not.toBeNull();
    await room?.release();
    await part.release(false);
  });

  it('removes parts that nobody holds before it lets anybody wait', async () => {
    const dir = await testFolder();
    const area = areaOf(dir, 1000);
    const part = await area.parts.take(URL_OF, null);
    await part.file.restart({ etag: '"1"', lastModified: null }, 1000);
    await part.begun();
    await part.file.append(Buffer.alloc(600));
    await part.release(true);
    await (await area.budget.reserve(900, 'other', URL_OF)).release();
    expect(await area.parts.list()).toEqual([]);
  });

  it('refuses what is larger than all of it, in one sentence', async () => {
    const dir = await testFolder();
    await expect(areaOf(dir, 5_000_000).budget.reserve(7_000_000, 'part', URL_OF)).rejects.toMatchObject({
      name: 'OperationalError',
      code: 'disk_budget',
      message: `${URL_OF} takes 7 MB where archive.disk_mb allows 5 MB in all; raise it to scan this image.`,
    });
  });

  it('is left by those who are called off', async () => {
    const dir = await testFolder();
    await keepImage(dir, 900);
    const waiting = areaOf(dir, 1000).budget.reserve(400, 'part', URL_OF, AbortSignal.timeout(80));
    await expect(waiting).rejects.toThrow();
    expect(await rooms(dir)).toEqual([]);
  });

  it('is waited for without the host being kept waiting, where only the answer tells the size', async () => {
    const dir = await testFolder();
    const folder = await keepImage(dir, 80_000);
    const { client } = await testSource(['http://127.0.0.1/'], { retries: 0 });
    const server = await testServer((_request, response) =>
      response.writeHead(200, { ETag: '"1"', 'Content-Length': 50_000 }).end(Buffer.alloc(50_000)),
    );
    const unknown = { bytes: null, md5: null };
    const area = areaOf(dir, 100_000);
    const waiting = download(client, `${server.url}a`, join(dir, 'a'), unknown, { area });
    await delay(200);
    expect(server.asked).toHaveLength(1);
    await writeFile(join(folder, 'image'), '');
    await expect(waiting).resolves.toMatchObject({ bytes: 50_000 });
    expect(server.asked).toHaveLength(2);
  });
});

const CHILD = `
  const { openDownloadArea } = await import('${DIST}archive/fetch/download-area.js');
  const { systemClock: clock } = await import('${DIST}telemetry/clock.js');
  const { budget } = openDownloadArea({ dir: process.argv[1], limitBytes: 1000, clock });
  await budget.reserve(700, 'theirs', 'http://archive.example/theirs');
  console.log('held');
  setInterval(() => undefined, 1000);`;

describe('a disk that is full', () => {
  it('is told as such in the middle of a download, which leaves nothing behind', async (context) => {
    const dir = await testFolder();
    const refused = mountTiny(dir, 20);
    if (refused !== null) context.skip(refused);
    const { client } = await testSource(['http://127.0.0.1/'], { retries: 3 });
    // Its size is not told: nothing shows beforehand that there is no room.
    const server = await testServer((_request, response) => {
      response.writeHead(200, { ETag: '"1"' });
      for (let n = 0; n < 40; n++) response.write(Buffer.alloc(1 << 20, n + 1));
      response.end();
    });
    const area = areaOf(dir, 0);
    const unknown = { bytes: null, md5: null };
    await expect(download(client, `${server.url}a`, join(dir, 'a'), unknown, { area })).rejects.toMatchObject(
      {
        name: 'OperationalError',
        code: 'disk_full',
        message: expect.stringMatching(
          /^the disk is full \(ENOSPC\) while http:\S+ is kept; make room there or set archive\.download_dir\.$/,
        ) as string,
      },
    );
    expect(server.asked).toHaveLength(1);
    expect(await readdir(dir)).toEqual([PARTS_FOLDER]);
    expect(await readdir(join(dir, PARTS_FOLDER))).toEqual([]);
  });
});

/** Puts a file system of so many MB at `dir`; the reason where that is not permitted. */
function mountTiny(dir: string, megabytes: number): string | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tiny', dir], { stdio: 'pipe' });
  } catch (error) {
    return `a small file system cannot be mounted here (needs root): ${String(error).split('\n')[0]}`;
  }
  onTestFinished(() => void execFileSync('umount', [dir]));
  return null;
}
