import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, afterAll, expect, it, onTestFinished } from 'vitest';
import { startServer, stopServer } from '../../scripts/test/cluster.js';
import type { Replica } from '../../src/replica/replica.js';
import type { Database } from '../../src/store/database.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { activeModel } from '../../src/store/queries/active-model.js';
import { startCli } from '../support/cli.js';
import { describeWithPostgres } from '../support/postgres.js';
import { quickSettings, startArchive, undisturbed } from './support/crash-rounds.js';
import { ownServer, type OwnServer } from './support/own-server.js';
import { record } from './support/record.js';
import { beforeSites, resultsOf, type Results } from './support/results-of.js';
import { startSlowProxy } from './support/slow-proxy.js';
import { onPostgres } from './support/subjects.js';

const COMMAND = 'npm run test:chaos -- database-faults';
const LOST = 'nothing: tables equal those of an undisturbed run';
/** How long the daemon is given to finish its work once the fault is over. */
const RECOVERY_MS = 300_000;
/** Connections that are cut, if that many are made within the time after it. */
const CUTS = 40;
const CUTTING_MS = 240_000;
/** From here on a session that waits for a lock looks whether that is a deadlock. */
const DEADLOCK_TIMEOUT = '10s';
const DEADLOCKS = 3;

describeWithPostgres('a daemon whose database is in trouble', () => {
  let replica: Replica;
  let expected: Results;
  beforeAll(async () => {
    replica = await startArchive(31);
    expected = await undisturbed(await onPostgres(1), replica);
  }, 900_000);
  afterAll(() => replica.close());

  /** Runs a daemon through `trouble`, and then until its work is done. Gives its log. */
  async function through(
    url: string,
    db: Database,
    trouble: (log: () => string) => Promise<void>,
  ): Promise<string> {
    const daemon = startCli(['run'], { ...quickSettings(replica), DATABASE_URL: url });
    onTestFinished(() => void daemon.kill('SIGKILL'));
    let log = '';
    daemon.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await expect.poll(() => log, { timeout: 60_000, interval: 50 }).toContain('Run:Started');
    await trouble(() => log);
    expect(daemon.exitCode, log).toBeNull();
    await expect.poll(() => unfinished(db), { timeout: RECOVERY_MS, interval: 500 }).toBe(0);
    const exit = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(await resultsOf(db)).toEqual(beforeSites(expected));
    return log;
  }

  it('waits while the server is stopped, again and again, and goes on', async () => {
    const server = await ownServer();
    const STOPS = 5;
    const log = await through(server.url, server.db, async () => {
      for (let stop = 0; stop < STOPS; stop++) {
        await sleep(1500 + 700 * stop);
        stopServer(server.folder, stop % 2 === 0 ? 'immediate' : 'fast');
        await sleep(3000);
        startServer(server.folder);
        await again(server);
      }
    });
    expect(log).toMatch(/Queue:Away|Scan:DatabaseAway|Scan:CommitWaits|Poll:Failed|LeaseNotRenewed/);
    record({
      name: '3-database-stopped',
      done: 'the server stopped (immediate, fast) for 3 s and started again, in mid-scan',
      times: `${STOPS} times`,
      lost: LOST,
      command: COMMAND,
    });
  });

  it('goes on when its connections are cut all the time', async () => {
    const server = await ownServer();
    const admin = new pg.Client(server.adminUrl);
    await admin.connect();
    onTestFinished(() => admin.end());
    let cut = 0;
    let rounds = 0;
    await through(server.url, server.db, async () => {
      const deadline = Date.now() + CUTTING_MS;
      for (; cut < CUTS && Date.now() < deadline; rounds++) {
        const { rows } = await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'moon' AND application_name LIKE 'selenoscan%'`,
        );
        cut += rows.length;
        await sleep(100 + 17 * (rounds % 60));
        if (rounds % 12 === 11) await again(server).catch(() => undefined);
      }
    });
    expect(cut).toBeGreaterThanOrEqual(CUTS);
    record({
      name: '4-connections-cut',
      done: 'connections ended by pg_terminate_backend, those of commits and locks too',
      times: `${cut} connections in ${rounds} rounds`,
      lost: LOST,
      command: COMMAND,
    });
  });

  it('waits while the database is read-only', async () => {
    const server = await ownServer();
    const admin = new pg.Client(server.adminUrl);
    await admin.connect();
    onTestFinished(() => admin.end());
    const readOnly = async (on: boolean): Promise<void> => {
      await admin.query(`ALTER DATABASE moon SET default_transaction_read_only = ${on ? 'on' : 'off'}`);
      await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'moon'`);
    };
    const log = await through(server.url, server.db, async () => {
      await sleep(1500);
      await readOnly(true);
      await sleep(12_000);
      await readOnly(false);
    });
    expect(log).toContain('is read-only (25006): work goes on when that is mended');
    record({
      name: '5-read-only',
      done: 'the database made read-only for 12 s in mid-scan',
      times: 'once',
      lost: LOST,
      command: COMMAND,
    });
  });

  it.skipIf(process.getuid?.() !== 0)('waits while the disk of the database is full', async () => {
    const disk = mkdtempSync(join(tmpdir(), 'selenoscan-disk-'));
    chmodSync(tmpdir(), statSync(tmpdir()).mode | 0o001);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true, force: true });
    });
    const [uid, gid] = execFileSync('sh', ['-c', 'id -u postgres; id -g postgres'], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
    chownSync(disk, uid!, gid!);
    const space = join(disk, 'space');
    execFileSync('install', ['-d', '-o', 'postgres', '-g', 'postgres', space]);
    const server = await ownServer(space);
    const ballast = join(disk, 'ballast');
    const log = await through(server.url, server.db, async (said) => {
      await expect.poll(said, { timeout: 120_000 }).toContain('Calibration:InUse');
      // As large as the disk lets it be.
      execFileSync(
        'sh',
        [
          '-c',
          `dd if=/dev/zero of=${ballast} bs=64k status=none || true; dd if=/dev/zero of=${ballast}2 bs=4k status=none || true`,
        ],
        { stdio: 'ignore' },
      );
      await expect.poll(said, { timeout: 240_000 }).toContain('Scan:CommitWaits');
      await sleep(5000);
      rmSync(ballast);
      rmSync(`${ballast}2`, { force: true });
    });
    expect(log).toContain('has no room left on its disk (53100)');
    record({
      name: '6-disk-full',
      done: "the disk of the database's tablespace filled to the last block until commits fail, then freed",
      times: 'once',
      lost: LOST,
      command: COMMAND,
    });
  });

  it('goes on at a database that answers late, and whose line breaks', async () => {
    const server = await ownServer();
    const to = Number(new URL(server.url).port);
    const proxy = await startSlowProxy(to, 150);
    onTestFinished(() => proxy.close());
    const url = new URL(server.url);
    url.port = String(proxy.port);
    await through(url.href, server.db, async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(6000);
        proxy.cut();
      }
    });
    record({
      name: '7-slow',
      done: 'every packet to and from the database 150 ms late each way, all connections cut every 6 s',
      times: '3 cuts',
      lost: LOST,
      command: COMMAND,
    });
  });

  it('tries a commit again that a deadlock broke', async () => {
    const server = await ownServer();
    const rival = new pg.Client(server.adminUrl.replace(/\/postgres$/, '/moon'));
    await rival.connect();
    onTestFinished(() => rival.end());
    // The daemon's session, which waits first, looks first, and so is the one that gives way.
    await rival.query(`ALTER DATABASE moon SET deadlock_timeout = '${DEADLOCK_TIMEOUT}'`);
    await rival.query(`SET deadlock_timeout = '10min'`);
    const log = await through(server.url, server.db, async () => {
      await expect.poll(() => unfinished(server.db), { timeout: RECOVERY_MS }).toBe(0);
      for (let i = 0; i < DEADLOCKS; i++) {
        // A commit leaves rows alone that are as it would write them.
        await rival.query('UPDATE selenoscan_data.detection SET score = score + 1');
        await rival.query('BEGIN');
        await rival.query('SELECT id FROM selenoscan_data.detection FOR UPDATE');
        await again(server);
        await expect
          .poll(() => commitsThatWait(server.db), { timeout: 120_000, interval: 100 })
          .toBeGreaterThan(0);
        await rival.query('SELECT id FROM selenoscan_data.scan FOR UPDATE');
        await rival.query('COMMIT');
        await expect.poll(() => unfinished(server.db), { timeout: RECOVERY_MS, interval: 500 }).toBe(0);
      }
    });
    // A commit that comes back while the other session still holds its rows meets it once more.
    const gaveWay = log.match(/gave up a statement \(40P01\)/g)?.length ?? 0;
    expect(gaveWay).toBeGreaterThanOrEqual(DEADLOCKS);
    record({
      name: '8-deadlock',
      done: 'a commit brought into a deadlock with another session, and chosen to give way',
      times: `${gaveWay} times`,
      lost: LOST,
      command: COMMAND,
    });
  });
});

async function unfinished(db: Database): Promise<number> {
  const rows = await db
    .query<{ left: number; scanned: number }>(
      `SELECT count(*) FILTER (WHERE state <> 'scanned') AS left, count(*) FILTER (WHERE state = 'scanned') AS scanned FROM selenoscan_data.scan`,
    )
    .catch(() => undefined);
  const [row] = rows ?? [];
  return row === undefined || row.scanned === 0 ? Infinity : row.left;
}

/** Sessions that want rows of detections which another has locked. */
async function commitsThatWait(db: Database): Promise<number> {
  const rows = await db.query(
    `SELECT FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND datname = 'moon' AND query NOT LIKE '%UPDATE selenoscan_data.scan%'`,
  );
  return rows.length;
}

/** What is scanned is queued again, so that there is work through all of the trouble. */
async function again({ db }: OwnServer): Promise<void> {
  const modelId = await activeModel(db);
  if (modelId !== null) await requeueScans(db, { modelId, states: ['scanned'] });
}
