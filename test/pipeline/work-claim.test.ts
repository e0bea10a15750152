import { expect, it } from 'vitest';
import {
  InvalidProductError,
  MissingProductError,
  OperationalError,
  TransientError,
  UnwantedProductError,
} from '../../src/domain/errors.js';
import type { ScanResult } from '../../src/domain/scan.js';
import { workClaim } from '../../src/pipeline/work-claim.js';
import type { Database } from '../../src/store/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { announce, claim, sampleDetection, sampleProduct, sampleResult, useModel } from '../store/samples.js';
import { describeWithDatabase, type CreateDatabase } from '../support/database.js';

const PRODUCT = sampleProduct('M1271742202LC');
const POLICY = { leaseSeconds: 30, maxAttempts: 3, retrySeconds: 60, missingSeconds: 3600 };
const log = createLogger('silent', 'test');
const quickClock = { now: () => new Date(), sleep: () => Promise.resolve() };

async function claimed(createDatabase: CreateDatabase) {
  const db = await createDatabase();
  await useModel(db);
  await announce(db, PRODUCT);
  return { db, scan: await claim(db) };
}

async function work(
  db: Database,
  scan: Awaited<ReturnType<typeof claimed>>['scan'],
  outcome: (signal: AbortSignal) => Promise<ScanResult>,
  signal = new AbortController().signal,
) {
  const tools = { db, clock: quickClock, metrics: createMetrics() };
  return workClaim(tools, scan, POLICY, outcome, log, signal);
}

describeWithDatabase('working a claimed scan', (createDatabase) => {
  it('waits for a database that is away at the commit, and loses nothing', async () => {
    const { db, scan } = await claimed(createDatabase);
    let away = 3;
    const flaky: Database = {
      query: (sql, parameters) => db.query(sql, parameters),
      close: () => db.close(),
      transaction: (work) =>
        away-- > 0
          ? Promise.reject(new TransientError('database-lost', 'The database went away.'))
          : db.transaction(work),
    };
    const result = sampleResult([sampleDetection(PRODUCT.imageId, 1)]);
    expect(await work(flaky, scan, () => Promise.resolve(result))).toBe('scanned');
    expect(await db.query('SELECT 1 FROM selenoscan_data.detection')).toHaveLength(1);
  });

  it('waits for a database that is away at the end of a scan, and counts no attempt for what it made fail', async () => {
    const { db, scan } = await claimed(createDatabase);
    let away = 3;
    const lost = new TransientError('database-lost', 'The database went away.');
    const flaky: Database = {
      query: (sql, parameters) => (away-- > 0 ? Promise.reject(lost) : db.query(sql, parameters)),
      close: () => db.close(),
      transaction: (work) => db.transaction(work),
    };
    expect(await work(flaky, scan, () => Promise.reject(lost))).toBe('queued');
    const [row] = await db.query('SELECT state, attempts, error_code FROM selenoscan_data.scan');
    expect(row).toMatchObject({ state: 'queued', attempts: 0, error_code: 'database-lost' });
  });

  it.each([
    ['a bad product is invalid', new InvalidProductError('truncated', 'x.tif is truncated.'), 'invalid'],
    ['a product that is not there is missing', new MissingProductError('x is not there.'), 'missing'],
    ['passing trouble is queued again', new TransientError('http_503', 'The archive says 503.'), 'queued'],
    [
      'a server that answers strangely is asked again',
      new OperationalError('http_status', 'HTTP 418.'),
      'queued',
    ],
    [
      'a good product that nobody wants is skipped',
      new UnwantedProductError('lines', 'lines: 1024 are fewer than the limit of 1025'),
      'skipped',
    ],
    ['what nobody foresaw is failed', new Error('bug'), 'failed'],
  ])('records it: %s', async (_what, error, state) => {
    const { db, scan } = await claimed(createDatabase);
    expect(await work(db, scan, () => Promise.reject(error))).toBe(state);
    const [row] = await db.query('SELECT state, error FROM selenoscan_data.scan');
    expect(row).toMatchObject({ state, error: error.message });
  });

  it.each([
    ['a full disk', new OperationalError('disk_full', 'The disk is full.'), 60],
    [
      'an archive that does not answer',
      new TransientError('circuit_open', 'It is left alone.', { retryAfterS: 120 }),
      120,
    ],
    [
      'an archive that asked to be left alone for a day',
      new TransientError('held_off', 'It is left alone.', { retryAfterS: 86_400 }),
      300,
    ],
  ])('lets the worker rest, and counts no attempt, for %s', async (_what, error, seconds) => {
    const { db, scan } = await claimed(createDatabase);
    const rests: number[] = [];
    const tools = { db, clock: quickClock, metrics: createMetrics(), rest: (ms: number) => rests.push(ms) };
    const never = new AbortController().signal;
    expect(await workClaim(tools, scan, POLICY, () => Promise.reject(error), log, never)).toBe('queued');
    expect(rests).toEqual([seconds * 1000]);
    const [row] = await db.query('SELECT state, attempts, error FROM selenoscan_data.scan');
    expect(row).toMatchObject({ state: 'queued', attempts: 0, error: error.message });
  });

  it('asks for a missing product again after a quarter of its age, and no sooner than told', async () => {
    const { db, scan } = await claimed(createDatabase);
    const wait = async (days: number) => {
      const announcedAt = new Date(Date.now() - days * 86_400_000);
      const missing = () => Promise.reject(new MissingProductError('x is not there.'));
      expect(await work(db, { ...scan, announcedAt }, missing)).toBe('missing');
      const [row] = await db.query<{ hours: number }>(
        `SELECT extract(epoch FROM available_at - now())::double precision / 3600 AS hours FROM selenoscan_data.scan`,
      );
      await db.query(`UPDATE selenoscan_data.scan SET state = 'claimed', lease_token = $1 WHERE id = $2`, [
        scan.leaseToken,
        scan.scanId,
      ]);
      return row?.hours;
    };
    expect(await wait(0)).toBeCloseTo(1, 1);
    expect(await wait(40)).toBeCloseTo(240, 1);
  });

  it('gives the scan back at shutdown, without counting an attempt', async () => {
    const { db, scan } = await claimed(createDatabase);
    const stop = new AbortController();
    const state = await work(
      db,
      scan,
      (signal) => {
        stop.abort(new Error('stopped'));
        return Promise.reject(signal.reason as Error);
      },
      stop.signal,
    );
    expect(state).toBe('queued');
    const [row] = await db.query('SELECT state, attempts FROM selenoscan_data.scan');
    expect(row).toMatchObject({ state: 'queued', attempts: 0 });
  });

  it('drops a result whose lease another worker has', async () => {
    const { db, scan } = await claimed(createDatabase);
    await db.query(`UPDATE selenoscan_data.scan SET lease_token = gen_random_uuid()`);
    expect(await work(db, scan, () => Promise.resolve(sampleResult([])))).toBeNull();
    const [row] = await db.query('SELECT state FROM selenoscan_data.scan');
    expect(row).toMatchObject({ state: 'claimed' });
  });
});
