import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OperationalError, TransientError, UsageError } from '../../src/domain/errors.js';
import { acquireAdvisoryLock } from '../../src/store/postgres/advisory-lock.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { acquireFetchSlot, releaseFetchSlot, renewFetchSlot } from '../../src/store/queries/fetch-slot.js';
import type { SlotAnswer } from '../../src/store/queries/fetch-slot.js';
import { getSetting } from '../../src/store/queries/get-setting.js';
import { putSetting } from '../../src/store/queries/put-setting.js';
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

  it('gives numbers, dates, JSON and bytes as what they are', async () => {
    const { db } = await createTestDatabase();
    const rows = await db.query(
      'SELECT $1::bigint AS id, $2::timestamptz AS at, $3::jsonb AS json, $4::bytea AS bytes',
      [9_007_199_254_740_991, new Date(86_400_000), JSON.stringify({ a: [1, null] }), Buffer.from([0, 255])],
    );
    expect(rows).toEqual([
      {
        id: 9_007_199_254_740_991,
        at: new Date(86_400_000),
        json: { a: [1, null] },
        bytes: Buffer.from([0, 255]),
      },
    ]);
  });

  it('rolls a transaction back when its work throws', async () => {
    const { db } = await createTestDatabase();
    const work = db.transaction(async (tx) => {
      await putSetting(tx, 'paused', true);
      throw new Error('stop');
    });
    await expect(work).rejects.toThrow('stop');
    expect(await getSetting(db, 'paused')).toBeNull();
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

  it('keeps settings as JSON', async () => {
    const { db } = await createTestDatabase();
    expect(await getSetting(db, 'etag')).toBeNull();
    for (const value of [{ etag: '"a"' }, 'text', 7, false]) {
      await putSetting(db, 'etag', value);
      expect(await getSetting(db, 'etag')).toEqual(value);
    }
  });

  it('lets one holder at a time ask a host, and nobody during the pause', async () => {
    const { db } = await createTestDatabase();
    const request = { host: 'pds.example', holder: 'a', leaseSeconds: 60 };
    const [first, second] = await Promise.all([acquireFetchSlot(db, request), acquireFetchSlot(db, request)]);
    const slot = granted(first) ?? granted(second);
    expect([first.granted, second.granted].sort()).toEqual([false, true]);
    if (slot === null) throw new Error('Nobody got the slot.');
    expect(await acquireFetchSlot(db, { ...request, host: 'other.example' })).toMatchObject({
      granted: true,
    });
    expect(await renewFetchSlot(db, slot, 60)).toBe(true);
    expect(await releaseFetchSlot(db, slot, 30)).toBe(true);
    expect(await renewFetchSlot(db, slot, 60)).toBe(false);
    const paused = await acquireFetchSlot(db, request);
    expect(paused.granted ? 0 : paused.retryInMs).toBeGreaterThan(20_000);
  });

  it('gives the slot of a holder that died to the next one', async () => {
    const { db } = await createTestDatabase();
    const request = { host: 'pds.example', holder: 'a', leaseSeconds: 0 };
    const dead = granted(await acquireFetchSlot(db, request));
    expect(granted(await acquireFetchSlot(db, { ...request, leaseSeconds: 60 }))).not.toBeNull();
    expect(dead === null ? null : await releaseFetchSlot(db, dead, 0)).toBe(false);
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

function granted(answer: SlotAnswer) {
  return answer.granted ? answer.slot : null;
}
