import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OperationalError, TransientError, UsageError } from '../../src/domain/errors.js';
import { acquireAdvisoryLock } from '../../src/store/postgres/advisory-lock.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';

describe('opening a database', () => {
  it('says in one sentence which host cannot be reached, and never the password', async () => {
    const opening = openPostgres({ url: 'postgresql://moon:s3cret@127.0.0.1:1/selenoscan' });
    await expect(opening).rejects.toThrow(OperationalError);
    await expect(opening).rejects.toThrow(
      'Cannot reach the database at 127.0.0.1:1/selenoscan (ECONNREFUSED): start PostgreSQL there or correct DATABASE_URL.',
    );
  });

  it('says so, too, where something else than PostgreSQL hangs up', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const opening = openPostgres({ url: `postgresql://moon:s3cret@127.0.0.1:${port}/selenoscan` });
    await expect(opening).rejects.toThrow(/^Cannot reach the database at 127\.0\.0\.1:\d+\/selenoscan/);
    server.close();
  });

  it('refuses what is no connection string as wrong usage', async () => {
    for (const url of ['', 'localhost', 'mysql://localhost/moon', 'postgresql://[bad/moon']) {
      const opening = openPostgres({ url });
      await expect(opening).rejects.toThrow(UsageError);
      await expect(opening).rejects.toThrow(/^DATABASE_URL is not a connection string/);
    }
  });
});

describeWithPostgres('a PostgreSQL database', () => {
  it('names a database that does not exist, and a user that is refused', async () => {
    const { url } = await createTestDatabase();
    const absent = new URL(url);
    absent.pathname = '/nothing_here';
    await expect(openPostgres({ url: absent.href })).rejects.toThrow(
      /^The server has no database 127\.0\.0\.1:\d+\/nothing_here/,
    );
    const stranger = new URL(url);
    stranger.username = 'stranger';
    await expect(openPostgres({ url: stranger.href })).rejects.toThrow(/refuses the login \(28000\)/);
  });

  it('tells a lost connection as passing trouble, and works again afterwards', async () => {
    const { db, url } = await createTestDatabase({ poolSize: 1 });
    const [row] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const sleeping = expect(db.query('SELECT pg_sleep(30)')).rejects.toMatchObject({
      code: 'database-lost',
      message: expect.stringMatching(/^Lost the database at 127\.0\.0\.1:/) as string,
    });
    const killer = await openPostgres({ url, poolSize: 1 });
    await killer.query('SELECT pg_terminate_backend($1)', [row?.pid]);
    await killer.close();
    await sleeping;
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('takes a server that says nothing more for lost, and works again with one that answers', async () => {
    const { url } = await createTestDatabase();
    const line = await silentLine(url);
    const db = await openPostgres({ url: line.url, poolSize: 1, statementTimeoutMs: 200, silenceMs: 200 });
    line.silence();
    await expect(db.query('SELECT 1')).rejects.toMatchObject({ code: 'database-lost' });
    const inTransaction = db.transaction((tx) => tx.query('SELECT 1'));
    await expect(inTransaction).rejects.toMatchObject({ code: 'database-lost' });
    line.speak();
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    const [there] = await db.transaction((tx) => tx.query<{ one: number }>('SELECT 1 AS one'));
    expect(there?.one).toBe(1);
    await db.close();
  });

  it('takes a transaction for lost that the server ended while this process stood still', async () => {
    const { db } = await createTestDatabase({ poolSize: 1 });
    const work = db.transaction(async (tx) => {
      await tx.query(`SET LOCAL idle_in_transaction_session_timeout = '50ms'`);
      // Nothing of this process runs meanwhile, so that the answer to its next statement is the end.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      await tx.query('SELECT 1');
    });
    await expect(work).rejects.toMatchObject({ code: 'database-lost' });
  });

  it('survives the loss of a connection that lies idle in the pool', async () => {
    const { db, url } = await createTestDatabase({ poolSize: 1 });
    const [row] = await db.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const killer = await openPostgres({ url, poolSize: 1 });
    await killer.query('SELECT pg_terminate_backend($1)', [row?.pid]);
    await killer.close();
    await sleep(100);
    expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('gives up a statement that runs too long', async () => {
    const { url } = await createTestDatabase();
    const hasty = await openPostgres({ url, poolSize: 1, statementTimeoutMs: 100 });
    await expect(hasty.query('SELECT pg_sleep(10)')).rejects.toThrow(TransientError);
    await hasty.close();
  });

  it('holds the lock of a singleton for one process, and tells when its connection is lost', async () => {
    const { db, url } = await createTestDatabase();
    const lock = await acquireAdvisoryLock(url, 'poller');
    expect(lock).not.toBeNull();
    expect(await acquireAdvisoryLock(url, 'poller')).toBeNull();
    const other = await acquireAdvisoryLock(url, 'deliverer');
    await other?.release();
    expect(other?.lost.aborted).toBe(false);

    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'selenoscan poller'`,
    );
    await expect.poll(() => lock?.lost.aborted).toBe(true);
    const next = await acquireAdvisoryLock(url, 'poller');
    expect(next).not.toBeNull();
    await next?.release();
  });
});

/** A line to a server that can fall silent in both directions without ending a connection. */
async function silentLine(url: string) {
  const { hostname, port } = new URL(url);
  const ends: Socket[] = [];
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.push(from);
      from.on('data', (chunk) => silent || to.write(chunk));
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const end of ends) end.destroy();
    server.close();
  });
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return { url: through.href, silence: () => void (silent = true), speak: () => void (silent = false) };
}
