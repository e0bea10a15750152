import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../src/store/embedded/directory-lock.js';
import { ownIdentity } from '../../src/store/embedded/process-identity.js';

const LOCK = new URL('../../dist/store/embedded/directory-lock.js', import.meta.url).href;

/** Tries for the lock, says who got it, and keeps it a while. */
const TAKER = `
  const { lockDirectory } = await import(${JSON.stringify(LOCK)});
  const lock = await lockDirectory(process.argv[1]).catch((error) => (console.log(error.code), null));
  if (lock) { console.log('taken'); await new Promise((resolve) => setTimeout(resolve, 3000)); await lock.release(); }`;

describe('the lock of a directory', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'selenoscan-lock-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is had by one at a time, in this process as between processes', async () => {
    const lock = await lockDirectory(dir);
    await expect(lockDirectory(dir)).rejects.toMatchObject({ code: 'database_in_use' });
    await lock.release();
    const next = await lockDirectory(dir);
    await next.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('goes to exactly one of six processes that try at once', async () => {
    const said = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', TAKER, dir]);
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        await once(child, 'close');
        return text.trim();
      }),
    );
    expect(said.sort()).toEqual([...Array<string>(5).fill('database_in_use'), 'taken']);
  });

  it('is taken over from a process that ended, also where its number went to another one', async () => {
    const own = await ownIdentity();
    const stale = [
      { ...own, pid: 2 ** 22 + 1, held: true },
      { ...own, started: 'before the last boot', held: true },
    ];
    for (const [i, lock] of stale.entries()) await writeFile(join(dir, `lock.${i}`), JSON.stringify(lock));
    const lock = await lockDirectory(dir);
    expect(await readdir(dir)).toHaveLength(1);
    await lock.release();
  });

  it('is left to a process on another host, which cannot be asked, with a remedy', async () => {
    const text = JSON.stringify({ host: `${hostname()}-2`, pid: 1, started: '', held: true });
    await writeFile(join(dir, 'lock.other'), text);
    await expect(lockDirectory(dir)).rejects.toThrow(/by process 1 on .*-2: .* remove the file lock\.other/);
    expect(await readFile(join(dir, 'lock.other'), 'utf8')).toBe(text);
  });

  it('names a lock file that cannot be read', async () => {
    await writeFile(join(dir, 'lock.cut'), '{"ho');
    await expect(lockDirectory(dir)).rejects.toThrow(/the lock file lock\.cut, which cannot be read/);
  });
});
