import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineVersions } from '../../src/store/embedded/engine-versions.js';
import { openEmbedded } from '../../src/store/embedded/open-embedded.js';

const OPEN = new URL('../../dist/store/embedded/open-embedded.js', import.meta.url).href;
const ROUNDS = 3;

/** Writes pairs, each in one transaction, and prints the number of a pair once it is committed. */
const WRITER = `
  const { openEmbedded } = await import(${JSON.stringify(OPEN)});
  const db = await openEmbedded({ dir: process.argv[1] });
  await db.query('CREATE TABLE IF NOT EXISTS pair (number int, half text, bytes bytea)');
  const [{ first }] = await db.query('SELECT coalesce(max(number), 0) + 1 AS first FROM pair');
  for (let number = first; ; number += 1) {
    await db.transaction(async (tx) => {
      for (const half of ['a', 'b']) await tx.query('INSERT INTO pair VALUES ($1, $2, $3)', [number, half, Buffer.alloc(3000, half)]);
    });
    console.log(number);
  }`;

const SLEEPER = `
  const { openEmbedded } = await import(${JSON.stringify(OPEN)});
  const db = await openEmbedded({ dir: process.argv[1] });
  console.log('busy');
  db.query('SELECT count(*) FROM generate_series(1, 1000000000)').catch(() => undefined);
  if (process.argv[2] === 'exit') setTimeout(() => process.exit(3), 200);`;

function start(script: string, ...parameters: string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface({ input: child.stdout }), ended: once(child, 'exit') };
}

describe('an embedded database whose process dies', () => {
  let folder: string;
  let dir: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selenoscan-crash-'));
    dir = join(folder, 'database');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds every transaction that was acknowledged, and none by half, after each of several kills', async () => {
    let acknowledged = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { child, lines, ended } = start(WRITER, dir);
      const until = acknowledged + 20 + round * 7;
      for await (const line of lines) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged === until) child.kill('SIGKILL');
      }
      expect(await ended).toEqual([null, 'SIGKILL']);
    }
    // The lock of the killed process is there, and is taken over.
    expect((await readdir(dir)).filter((name) => name.startsWith('lock.'))).toHaveLength(1);
    const db = await openEmbedded({ dir });
    const [found] = await db.query<{ pairs: number; halves: number; last: number }>(
      'SELECT count(DISTINCT number) AS pairs, count(*) AS halves, max(number) AS last FROM pair',
    );
    await db.close();
    expect(found?.last).toBeGreaterThanOrEqual(acknowledged);
    // Numbers are given without gaps, so a pair that is lost, or half there, shows.
    expect(found).toEqual({ pairs: found?.last, halves: 2 * (found?.last ?? 0), last: found?.last });
  }, 120_000);

  it.each(['signal', 'exit'])(
    'ends at once by %s, in the middle of a query, and keeps others out until then',
    async (way) => {
      const { child, lines, ended } = start(SLEEPER, dir, way);
      await once(lines, 'line');
      if (way === 'signal') {
        await expect(openEmbedded({ dir })).rejects.toMatchObject({
          code: 'database_in_use',
          message: expect.stringContaining(`in use by process ${child.pid}:`) as string,
        });
        child.kill('SIGTERM');
      }
      const asked = Date.now();
      expect(await ended).toEqual(way === 'signal' ? [null, 'SIGTERM'] : [3, null]);
      expect(Date.now() - asked).toBeLessThan(5000);
    },
    60_000,
  );

  it('is made anew where a creation never ended, from a snapshot that is remade where it is damaged', async () => {
    const cacheFolder = join(folder, 'cache');
    const unfinished = join(folder, 'unfinished');
    await mkdir(cacheFolder);
    await mkdir(unfinished);
    await mkdir(join(unfinished, 'pgdata'));
    await writeFile(join(unfinished, 'pgdata', 'PG_VERSION'), '18\n');
    const { pglite, postgis } = engineVersions();
    await writeFile(
      join(unfinished, 'database.json'),
      JSON.stringify({ state: 'creating', pglite, postgis }),
    );
    const snapshot = join(cacheFolder, `pglite-${pglite}-postgis-${postgis}.tar.gz`);
    await writeFile(snapshot, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    const db = await openEmbedded({ dir: unfinished, cacheFolder });
    expect(await db.query('SELECT postgis_lib_version() AS version')).toEqual([
      { version: expect.stringMatching(/^3\./) as string },
    ]);
    await db.close();
    expect((await stat(snapshot)).size).toBeGreaterThan(1e6);
    expect(await readdir(cacheFolder)).toHaveLength(1);
  }, 120_000);
});
