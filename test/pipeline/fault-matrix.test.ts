import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { FaultRule } from '../../src/replica/fault-script.js';
import type { FaultName } from '../../src/replica/named-faults.js';
import { requestRates } from '../../src/replica/request-rate.js';
import { productLimits } from '../../src/cli/limits.js';
import { pollOnce } from '../../src/pipeline/poll.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import type { Database } from '../../src/store/database.js';
import { openPostgres } from '../../src/store/postgres/open-postgres.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import {
  SIZE,
  settings,
  smallScenes,
  startQuickEngine,
  startWorker,
  useEngine,
  type Engine,
  type Worker,
} from './fault-matrix-support.js';

/** What a product comes to: its state, and the code of what is wrong with it. */
type Ending = readonly [state: string, code: string | null];
const SCANNED: Ending = ['scanned', null];
/** Images for what is tested beside the matrix of image faults. */
const SPARE_IMAGES = 40;
const never = new AbortController().signal;

/**
 * What becomes of a product whose image meets a fault once, and at each request. A Retry-After is short here, so
 * that the test does not wait for it.
 */
const IMAGE_FAULTS: readonly {
  readonly fault: FaultName;
  readonly once: Ending;
  readonly always: Ending;
  readonly effects?: FaultRule['with'];
}[] = [
  { fault: 'http-403', once: ['missing', 'missing'], always: ['missing', 'missing'] },
  { fault: 'http-404', once: ['missing', 'missing'], always: ['missing', 'missing'] },
  { fault: 's3-no-such-key', once: ['missing', 'missing'], always: ['missing', 'missing'] },
  { fault: 's3-access-denied', once: ['missing', 'missing'], always: ['missing', 'missing'] },
  { fault: 'http-429', once: SCANNED, always: ['failed', 'throttled'], effects: { retryAfterS: 1 } },
  { fault: 'http-429-date', once: SCANNED, always: ['failed', 'throttled'], effects: { retryAfterS: 1 } },
  { fault: 'http-500', once: SCANNED, always: ['failed', 'http_status'] },
  { fault: 'http-502', once: SCANNED, always: ['failed', 'http_status'] },
  { fault: 'http-503', once: SCANNED, always: ['failed', 'http_status'], effects: { retryAfterS: 1 } },
  { fault: 'http-503-bare', once: SCANNED, always: ['failed', 'http_status'] },
  { fault: 'http-504', once: SCANNED, always: ['failed', 'http_status'] },
  { fault: 's3-slow-down', once: SCANNED, always: ['failed', 'http_status'] },
  { fault: 's3-no-such-key-200', once: SCANNED, always: ['failed', 'page_for_data'] },
  { fault: 's3-access-denied-200', once: SCANNED, always: ['failed', 'page_for_data'] },
  { fault: 's3-slow-down-200', once: SCANNED, always: ['failed', 'page_for_data'] },
  { fault: 'html-for-data', once: SCANNED, always: ['failed', 'page_for_data'] },
  { fault: 'html-as-tiff', once: SCANNED, always: ['failed', 'page_for_data'] },
  { fault: 'empty-body', once: SCANNED, always: ['failed', 'size_mismatch'] },
  { fault: 'redirect-loop', once: SCANNED, always: ['failed', 'redirect'] },
  { fault: 'redirect-nowhere', once: SCANNED, always: ['failed', 'network'] },
  { fault: 'redirect-other-host', once: SCANNED, always: SCANNED },
  { fault: 'redirect-protocol-relative', once: SCANNED, always: SCANNED },
  { fault: 'redirect-https', once: SCANNED, always: ['failed', 'tls'] },
  { fault: 'redirect-without-location', once: SCANNED, always: ['failed', 'redirect'] },
  { fault: 'no-answer', once: SCANNED, always: ['failed', 'timeout'] },
  { fault: 'stall', once: SCANNED, always: ['failed', 'timeout'] },
  { fault: 'reset', once: SCANNED, always: ['failed', 'network'] },
  { fault: 'reset-mid-body', once: SCANNED, always: ['failed', 'network'] },
  { fault: 'cut-short', once: SCANNED, always: ['failed', 'network'] },
  { fault: 'short-length', once: SCANNED, always: ['failed', 'size_mismatch'] },
  { fault: 'too-long', once: SCANNED, always: ['failed', 'size_mismatch'] },
  { fault: 'changed-byte', once: SCANNED, always: ['failed', 'checksum_mismatch'] },
  { fault: 'gzip', once: SCANNED, always: SCANNED },
  { fault: 'late', once: SCANNED, always: SCANNED, effects: { delayMs: 300 } },
  { fault: 'drip', once: SCANNED, always: SCANNED, effects: { bytesPerSecond: 1_000_000 } },
  { fault: 'connection-dropped', once: SCANNED, always: SCANNED },
  { fault: 'weak-etag', once: SCANNED, always: SCANNED },
  { fault: 'no-etag', once: SCANNED, always: SCANNED },
  { fault: 'no-last-modified', once: SCANNED, always: SCANNED },
  { fault: 'no-validators', once: SCANNED, always: SCANNED },
];

describeWithPostgres('the fault matrix', () => {
  let engine: Engine;
  let replica: Replica;
  let db: Database;
  let worker: Worker;

  beforeAll(async () => {
    ({ db } = await createTestDatabase({ poolSize: 4 }));
    engine = await startQuickEngine();
    await useEngine(db, engine);
    replica = await startReplica({
      port: 0,
      seed: 3,
      images: IMAGE_FAULTS.length * 2 + SPARE_IMAGES,
      imagesKept: 8,
      ...SIZE,
      newestVolume: 'LROLRC_1067A',
      prepare: false,
      scenes: smallScenes,
    });
    worker = await startWorker(
      db,
      engine,
      settings({ SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]) }),
    );
    await poll();
    await db.query(`UPDATE selenoscan_data.scan SET available_at = 'infinity'`);
  }, 120_000);
  afterAll(async () => {
    await worker.close();
    await replica.close();
    await engine.pool.close();
  });

  async function poll(): Promise<void> {
    const limits = { ...productLimits(settings({})) };
    await pollOnce(db, worker.archive, limits, engine.model.id, createLogger('silent', 'test'), never);
  }

  const urls = () => JSON.stringify([replica.address]);
  /** The archive's store: where the front host sends on to. */
  const store = () => 'localhost';
  let taken = 0;
  /** The next product of the volume becomes claimable, while nothing is wrong; gives its id. */
  async function announced(): Promise<string> {
    replica.faults.clear();
    await db.query('DELETE FROM selenoscan_data.archive_host');
    const { productId } = replica.volumes[0]!.plan.at(taken++);
    await db.query(
      `UPDATE selenoscan_data.scan SET available_at = now() FROM selenoscan_data.product
       WHERE product.id = product_pk AND product_id = $1`,
      [productId],
    );
    return productId;
  }

  async function endingOf(
    productId: string,
  ): Promise<{ ending: Ending; error: string | null; attempts: number }> {
    const rows = await db.query<{
      state: string;
      code: string | null;
      error: string | null;
      attempts: number;
    }>(
      `SELECT state, error_code AS code, error, attempts
       FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk WHERE product_id = $1`,
      [productId],
    );
    expect(rows).toHaveLength(1);
    const [{ state, code, error, attempts }] = rows as [(typeof rows)[number]];
    return { ending: [state, code], error, attempts };
  }

  /** Lets a product be claimed at once. */
  async function again(productId: string, attempts: 'kept' | 'forgotten' = 'kept'): Promise<void> {
    await db.query(
      `UPDATE selenoscan_data.scan SET state = 'queued', available_at = now(), attempts = CASE WHEN $2 THEN 0 ELSE attempts END
       FROM selenoscan_data.product WHERE product.id = product_pk AND product_id = $1`,
      [productId, attempts === 'forgotten'],
    );
  }

  /** What a scan leaves in the tables, or nothing at all. */
  async function expectStored(productId: string, scanned: boolean): Promise<void> {
    const [row] = await db.query<{ detections: number; twice: number; chips: number }>(
      `SELECT count(*) AS detections, count(*) - count(DISTINCT detection_id) AS twice,
         count(*) FILTER (WHERE EXISTS (SELECT FROM selenoscan_data.chip WHERE detection_pk = d.id)) AS chips
       FROM selenoscan_data.detection d WHERE image_id = left($1, -1)`,
      [productId],
    );
    expect(row?.twice).toBe(0);
    expect(row?.chips).toBe(row?.detections);
    if (scanned) expect(row?.detections).toBeGreaterThan(0);
    else expect(row?.detections).toBe(0);
  }

  async function meets(rules: readonly FaultRule[], expected: Ending): Promise<string> {
    const productId = await announced();
    replica.faults.use({ seed: 1, rules: rules.map((rule) => ({ product: productId, ...rule })) });
    await worker.once({ poll: false });
    // What the archive asked to be left alone for is over after a while.
    for (let round = 0; round < 4 && (await endingOf(productId)).ending[0] === 'queued'; round++) {
      await db.query('DELETE FROM selenoscan_data.archive_host');
      await again(productId);
      await worker.once({ poll: false });
    }
    const { ending, error } = await endingOf(productId);
    expect([...ending, error]).toEqual([...expected, expected[1] === null ? null : error]);
    if (expected[1] !== null) expect(error).toMatch(/^[^\n]{20,400}\.$/);
    await expectStored(productId, expected[0] === 'scanned');
    return productId;
  }

  it.each(IMAGE_FAULTS)(
    'an image that meets $fault once ends as it should',
    async ({ fault, once, effects }) => {
      await meets([{ kind: 'browse-image', fault, times: 1, ...(effects && { with: effects }) }], once);
    },
  );

  it.each(IMAGE_FAULTS)(
    'an image that always meets $fault ends as it should',
    async ({ fault, always, effects }) => {
      const productId = await meets(
        [{ kind: 'browse-image', fault, ...(effects && { with: effects }) }],
        always,
      );
      const struck = replica.faults.report().rules.some(({ struck: times }) => times > 0);
      expect(struck).toBe(true);
      // Whatever was wrong, the product is scanned once the archive is well again and somebody asks.
      if (always[0] === 'scanned') return;
      replica.faults.clear();
      await again(productId, 'forgotten');
      await worker.once({ poll: false });
      expect((await endingOf(productId)).ending).toEqual(SCANNED);
      await expectStored(productId, true);
    },
  );

  it.each([
    ['http-404', ['missing', 'missing']],
    ['html-for-data', ['failed', 'page_for_data']],
    ['cut-short', ['failed', 'network']],
    ['label-md5', ['failed', 'checksum_mismatch']],
    ['label-size', ['failed', 'size_mismatch']],
  ] as const)('a label that always meets %s keeps its product from being scanned', async (fault, ending) => {
    await meets([{ kind: 'browse-label', fault }], ending);
  });

  it.each([
    ['goes on from where it broke', {}, 206],
    ['begins anew where ranges are answered whole', { fault: 'range-ignored' }, 200],
    ['begins anew where a range is shifted', { fault: 'range-shifted' }, 200],
    ['begins anew where a range is not named', { fault: 'range-unnamed' }, 200],
  ] as const)('a download that broke off %s', async (_what, also, status) => {
    const retries = settings({ SELENOSCAN_ARCHIVE_URLS: urls(), SELENOSCAN_ARCHIVE_RETRIES: '3' });
    const patient = await startWorker(db, engine, retries);
    onTestFinished(() => patient.close());
    const productId = await announced();
    const rules: FaultRule[] = [
      { kind: 'browse-image', fault: 'reset-mid-body', times: 1, product: productId },
    ];
    if ('fault' in also) rules.push({ kind: 'browse-image', product: productId, ...also });
    replica.faults.use({ seed: 1, rules });
    const before = replica.log.length;
    await patient.once({ poll: false });
    expect((await endingOf(productId)).ending).toEqual(SCANNED);
    const answers = replica.log
      .slice(before)
      .filter(({ path, status: code }) => path.includes('_pyr.tif') && code !== 302);
    expect(answers.at(-1)?.status).toBe(status);
    expect(answers.filter(({ headers }) => headers.range !== undefined).length).toBeGreaterThan(0);
    await expectStored(productId, true);
  });

  it('several ranges are never asked for, which the archive answers whole', () => {
    const ranges = replica.log.map(({ headers }) => headers.range).filter((range) => range !== undefined);
    expect(ranges.length).toBeGreaterThan(0);
    for (const range of ranges) expect(range).not.toContain(',');
  });

  it('a host that asks to be left alone for an hour is, and the product waits without losing an attempt', async () => {
    const productId = await announced();
    const tooMany = { fault: 'http-429' as const, with: { retryAfterS: 3000 } };
    replica.faults.use({ rules: [{ product: productId, kind: 'browse-image', ...tooMany, times: 1 }] });
    await worker.once({ poll: false });
    expect(await endingOf(productId)).toMatchObject({ ending: ['queued', 'throttled'] });
    const asked = replica.log.length;
    const other = await startWorker(db, engine, settings({ SELENOSCAN_ARCHIVE_URLS: urls() }));
    onTestFinished(() => other.close());
    await again(productId);
    await other.once({ poll: false });
    expect(await endingOf(productId)).toMatchObject({ ending: ['queued', 'held_off'], attempts: 1 });
    expect(replica.log.slice(asked).filter(({ host }) => host.startsWith(store()))).toEqual([]);
  });

  it('a host that fails again and again is left alone by all, and the queue does not drain into failures', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push(await announced());
    const careful = await startWorker(
      db,
      engine,
      settings({ SELENOSCAN_ARCHIVE_URLS: urls(), SELENOSCAN_ARCHIVE_BREAKER_FAILURES: '3' }),
    );
    onTestFinished(() => careful.close());
    replica.faults.use({ rules: [{ host: 'store', fault: 'http-500' }] });
    const before = replica.log.length;
    await careful.once({ poll: false });
    expect(replica.log.slice(before).filter(({ fault }) => fault === 'http-500')).toHaveLength(3);
    const endings = await Promise.all(ids.map(endingOf));
    expect(endings.filter(({ ending }) => ending[0] !== 'queued')).toEqual([]);
    const spared = endings.filter(({ ending, attempts }) => ending[1] === 'circuit_open' && attempts === 0);
    expect(spared.length).toBeGreaterThan(2);
    replica.faults.clear();
    await db.query('DELETE FROM selenoscan_data.archive_host');
    for (const id of ids) await again(id);
    await careful.once({ poll: false });
    for (const id of ids) expect((await endingOf(id)).ending).toEqual(SCANNED);
  });

  it('a mirror whose TLS fails costs nothing but its turn: the next base address has the product', async () => {
    const both = JSON.stringify([replica.address.replace('http:', 'https:'), replica.address]);
    const patient = await startWorker(db, engine, settings({ SELENOSCAN_ARCHIVE_URLS: both }));
    onTestFinished(() => patient.close());
    const productId = await announced();
    await patient.once({ poll: false });
    expect(await endingOf(productId)).toMatchObject({ ending: SCANNED, attempts: 1 });
    await expectStored(productId, true);
  });

  it('a mirror that is dead does not keep what the other one lacks from being missing, nor the rest from being scanned', async () => {
    const dead = JSON.stringify(['http://127.0.0.1:9/', replica.address]);
    const env = { SELENOSCAN_ARCHIVE_URLS: dead, SELENOSCAN_ARCHIVE_BREAKER_FAILURES: '2' };
    const patient = await startWorker(db, engine, settings(env));
    onTestFinished(() => patient.close());
    const [lacking, there] = [await announced(), await announced()];
    replica.faults.use({ rules: [{ product: lacking, fault: 'http-404' }] });
    await patient.once({ poll: false });
    for (let round = 0; round < 3 && (await endingOf(lacking)).ending[0] === 'queued'; round++) {
      await again(lacking);
      await patient.once({ poll: false });
    }
    expect((await endingOf(lacking)).ending).toEqual(['missing', 'missing']);
    expect((await endingOf(there)).ending).toEqual(SCANNED);
  });

  it('an archive that moves to another address is the same archive: what came out meanwhile is found', async () => {
    const { db: own } = await createTestDatabase();
    await useEngine(own, engine);
    const moving = await startReplica({
      port: 0,
      seed: 9,
      images: 1,
      othersEvery: 1,
      ...SIZE,
      newestVolume: 'LROLRC_1068A',
      prepare: false,
      scenes: smallScenes,
    });
    onTestFinished(() => moving.close());
    for (const address of [moving.address, moving.address.replace('127.0.0.1', 'localhost')]) {
      const at = await startWorker(
        own,
        engine,
        settings({ SELENOSCAN_ARCHIVE_URLS: JSON.stringify([address]) }),
      );
      await at.once();
      await at.close();
      moving.release();
      moving.release();
    }
    const volumes = await own.query<{ id: string }>(
      'SELECT DISTINCT volume_id AS id FROM selenoscan_data.product ORDER BY 1',
    );
    expect(volumes.map(({ id }) => id)).toEqual(['LROLRC_1068A', 'LROLRC_1068B', 'LROLRC_1068C']);
  });

  it('products that ODE tells of are fetched from the archive and scanned', async () => {
    const { db: own } = await createTestDatabase();
    await useEngine(own, engine);
    const both = await startReplica({
      port: 0,
      seed: 4,
      images: 4,
      othersEvery: 1,
      ...SIZE,
      newestVolume: 'LROLRC_1068A',
      prepare: false,
      scenes: smallScenes,
    });
    onTestFinished(() => both.close());
    const env = {
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([both.address]),
      SELENOSCAN_ARCHIVE_SOURCE: 'ode',
      SELENOSCAN_ARCHIVE_ODE: both.odeAddress,
    };
    const at = await startWorker(own, engine, settings(env));
    onTestFinished(() => at.close());
    expect(await at.once()).toEqual({ scanned: 4 });
    const [row] = await own.query(
      `SELECT count(*) AS products, count(*) FILTER (WHERE lines = ${SIZE.lines} AND samples = ${SIZE.samples}) AS sized
       FROM selenoscan_data.product`,
    );
    expect(row).toEqual({ products: 4, sized: 4 });
  });

  it('an archive whose TLS fails at all is passing trouble, told by its name', async () => {
    const secure = JSON.stringify([replica.address.replace('http:', 'https:')]);
    const stranded = await startWorker(db, engine, settings({ SELENOSCAN_ARCHIVE_URLS: secure }));
    onTestFinished(() => stranded.close());
    const productId = await announced();
    await stranded.once({ poll: false });
    const { ending, error } = await endingOf(productId);
    expect(ending).toEqual(['failed', 'tls']);
    expect(error).toContain('127.0.0.1');
  });

  it('a disk that is full is no fault of the product: it waits, and is scanned when there is room', async (context) => {
    const dir = await mkdtemp(join(tmpdir(), 'selenoscan-test-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', dir], { stdio: 'pipe' });
    } catch {
      context.skip('no file system may be mounted here');
    }
    onTestFinished(async () => {
      execFileSync('umount', [dir]);
      await rm(dir, { recursive: true });
    });
    const cramped = await startWorker(
      db,
      engine,
      settings({ SELENOSCAN_ARCHIVE_URLS: urls(), SELENOSCAN_ARCHIVE_DOWNLOAD_DIR: dir }),
    );
    const productId = await announced();
    await cramped.once({ poll: false });
    expect(await endingOf(productId)).toMatchObject({ ending: ['queued', 'disk_full'], attempts: 0 });
    await cramped.close();
    await again(productId);
    await worker.once({ poll: false });
    expect((await endingOf(productId)).ending).toEqual(SCANNED);
    await expectStored(productId, true);
  });

  it.each([
    ['index-table', 'http-500'],
    ['index-table', 'html-for-data'],
    ['index-table', 'reset-mid-body'],
    ['index-table', 'changed-byte'],
    ['index-table', 'short-length'],
    ['index-table', 'redirect-loop'],
    ['index-label', 'http-500'],
    ['index-label', 'html-for-data'],
    ['index-label', 'cut-short'],
    ['index-label', 'no-answer'],
  ] as const)(
    'an %s that meets %s announces nothing, and all of it at the next poll',
    async (kind, fault) => {
      replica.faults.clear();
      const late = replica.addLate('LROLRC_1067A');
      const known = () =>
        db.query('SELECT 1 FROM selenoscan_data.product WHERE product_id = ANY ($1)', [late]);
      replica.faults.use({ rules: [{ kind, fault }] });
      await expect(poll()).rejects.toMatchObject({
        name: expect.stringMatching(/^(Transient|Operational)Error$/) as string,
      });
      expect(await known()).toEqual([]);
      replica.faults.clear();
      await db.query('DELETE FROM selenoscan_data.archive_host');
      await poll();
      expect(await known()).toHaveLength(1);
      await db.query(`UPDATE selenoscan_data.scan SET available_at = 'infinity' WHERE state = 'queued'`);
    },
  );

  it('leaves nothing in the download folder but parts that can be gone on with', async () => {
    const left = (await worker.leftovers()).filter((path) => !path.startsWith('selenoscan-parts/'));
    expect(left).toEqual([]);
  });
});

describeWithPostgres('workers that share an archive full of faults', () => {
  const SPACING_MS = 40;
  const IMAGES = 6;
  let engine: Engine;
  beforeAll(async () => {
    engine = await startQuickEngine();
  }, 120_000);
  afterAll(() => engine.pool.close());

  async function run(workers: number, rules: readonly FaultRule[]) {
    const { db, url } = await createTestDatabase();
    await useEngine(db, engine);
    const replica = await startReplica({
      port: 0,
      seed: 5,
      images: IMAGES,
      ...SIZE,
      newestVolume: 'LROLRC_1067A',
      prepare: false,
      scenes: smallScenes,
    });
    onTestFinished(() => replica.close());
    replica.faults.use({ seed: 11, rules: [...rules] });
    const config = settings({
      SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
      SELENOSCAN_ARCHIVE_SPACING_MS: String(SPACING_MS),
      SELENOSCAN_ARCHIVE_RETRIES: '2',
      SELENOSCAN_QUEUE_ATTEMPTS: '20',
    });
    const all = await Promise.all(
      Array.from({ length: workers }, async (_, n) => {
        const own = await openPostgres({ url, poolSize: 3 });
        onTestFinished(() => own.close());
        const worker = await startWorker(own, engine, config, `worker ${n}`);
        onTestFinished(() => worker.close());
        return worker;
      }),
    );
    await all[0]!.once();
    // A worker ends when nothing can be claimed: what came back meanwhile is left for another round.
    for (let round = 0; round < 20; round++) {
      await Promise.all(all.map((worker) => worker.once({ poll: false })));
      const [left] = await db.query<{ left: number }>(
        `SELECT count(*) AS left FROM selenoscan_data.scan WHERE state IN ('queued', 'claimed')`,
      );
      if (left?.left === 0) break;
    }
    const states = await db.query(
      'SELECT state, error_code AS code, min(error) AS error, count(*) AS count FROM selenoscan_data.scan GROUP BY state, error_code',
    );
    const detections = await db.query(
      `SELECT detection_id, round(score::numeric, 6)::text AS score, lon, lat FROM selenoscan_data.detection ORDER BY detection_id`,
    );
    return { states, detections, replica };
  }

  const FAULTS: readonly FaultRule[] = [
    { kind: 'any', fault: 'http-503-bare', chance: 0.06, host: 'store' },
    { kind: ['browse-image', 'browse-label'], fault: 'reset-mid-body', chance: 0.12, host: 'store' },
    { kind: ['browse-image', 'browse-label'], fault: 'html-for-data', chance: 0.08, host: 'store' },
    { kind: 'browse-image', fault: 'changed-byte', chance: 0.1 },
    { kind: 'browse-image', fault: 'http-429', with: { retryAfterS: 1 }, times: 1 },
  ];

  it('store with one worker and with four what they store without a fault, and never ask more than they may', async () => {
    const calm = await run(1, []);
    expect(calm.states).toEqual([{ state: 'scanned', code: null, error: null, count: IMAGES }]);
    expect(calm.detections.length).toBeGreaterThan(IMAGES);
    for (const workers of [1, 4]) {
      const { states, detections, replica } = await run(workers, FAULTS);
      expect(states).toEqual([{ state: 'scanned', code: null, error: null, count: IMAGES }]);
      expect(detections).toEqual(calm.detections);
      expect(replica.log.filter(({ fault }) => fault !== null).length).toBeGreaterThan(3);
      const rates = requestRates(replica.log, 1);
      expect(Object.keys(rates)).toHaveLength(2);
      for (const { mostOpen, lowGapMs, mostInWindow } of Object.values(rates)) {
        expect(mostOpen).toBe(1);
        // The log is of the archive's side: a request ends there a moment later than it is seen to end here, on a busy machine now and then much later.
        expect(lowGapMs).toBeGreaterThanOrEqual(SPACING_MS - 15);
        expect(mostInWindow).toBeLessThanOrEqual(Math.ceil(1000 / SPACING_MS) + 1);
      }
    }
  }, 300_000);
});
