import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { FaultRule } from '../../src/replica/fault-script.js';
import { FAULT_NAMES, type FaultName } from '../../src/replica/named-faults.js';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import { requestRates } from '../../src/replica/request-rate.js';
import type { Database } from '../../src/store/database.js';
import { requeueScans } from '../../src/store/queries/requeue-scans.js';
import { activeModel } from '../../src/store/queries/active-model.js';
import { SIZE, smallScenes } from '../pipeline/fault-matrix-support.js';
import { runCli, startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { record } from './support/record.js';
import { resultsOf } from './support/results-of.js';

const IMAGES = 12;
/** How much shorter than their defaults timeouts and pauses are; the pause between requests is 25 times shorter. */
const FACTOR = 60;
const SPACING_MS = 40;
/** An hour, so much shorter. */
const TROUBLE_MS = 3_600_000 / FACTOR;
/** Each fault strikes a request by this chance: of ten requests four meet one. */
const CHANCE = 0.012;
/** Most that the trouble lasts on a slow machine, until nearly every fault has struck. */
const LONGEST_TROUBLE_MS = 900_000;
const RECOVERY_MS = 900_000;
/** Those that need a request which is not made (several ranges), or rarely: a download that goes on in the middle. */
const RARE: readonly FaultName[] = ['multi-range-whole', 'range-ignored', 'range-shifted', 'range-unnamed'];

const SHORTER: Partial<Record<FaultName, FaultRule['with']>> = {
  'http-429': { retryAfterS: 1 },
  'http-429-date': { retryAfterS: 1 },
  'http-503': { retryAfterS: 1 },
  late: { delayMs: 100 },
  drip: { bytesPerSecond: 60_000 },
  throttle: { throttle: { requests: 20, windowS: 1 } },
};

const RULES: readonly FaultRule[] = FAULT_NAMES.map((fault) => ({
  fault,
  chance: CHANCE,
  ...(SHORTER[fault] === undefined ? {} : { with: SHORTER[fault] }),
}));

describeWithPostgres('two daemons at an archive where everything goes wrong', () => {
  it('scan all that is wanted once it is well again, twice nothing, and never ask more than they may', async () => {
    const replica = await startReplica({
      port: 0,
      seed: 17,
      images: IMAGES,
      ...SIZE,
      newestVolume: 'LROLRC_1067A',
      prepare: false,
      scenes: smallScenes,
      oddRows: { night: 0.1, short: 0.05, 'bad-quality': 0.05 },
    });
    onTestFinished(() => replica.close());
    const calm = await createTestDatabase();
    await runOnce(replica, calm.url);

    const { db, url } = await createTestDatabase();
    const asked = replica.log.length;
    replica.faults.use({ seed: 23, rules: [...RULES] });
    const folders = [await folder(), await folder()];
    const daemons = folders.map((dir) =>
      startCli(['run'], { ...settings(replica, url), SELENOSCAN_ARCHIVE_DOWNLOAD_DIR: dir }),
    );
    const logs = daemons.map((daemon) => {
      onTestFinished(() => void daemon.kill('SIGKILL'));
      const log = { text: '' };
      daemon.stderr?.on('data', (chunk: Buffer) => (log.text += chunk.toString()));
      daemon.stdout?.resume();
      return log;
    });

    await expect.poll(() => announced(db), { timeout: RECOVERY_MS, interval: 200 }).toBe(IMAGES);
    const started = Date.now();
    const struck = (): string[] =>
      replica.faults
        .report()
        .rules.flatMap(({ rule, struck: times }) => (times > 0 ? [String(rule.fault)] : []));
    const enough = FAULT_NAMES.length - RARE.length - 2;
    const news = [
      () => void replica.release(),
      () => void replica.addLate('LROLRC_1067A', 3),
      () =>
        replica.reissue(
          'LROLRC_1067A',
          replica.volumes[0]!.products.slice(0, 5).map(({ productId }) => productId),
        ),
    ];
    for (;;) {
      await sleep(5000);
      const elapsed = Date.now() - started;
      if (elapsed > TROUBLE_MS / 3) news.shift()?.();
      await again(db);
      if (
        elapsed > LONGEST_TROUBLE_MS ||
        (elapsed > TROUBLE_MS && news.length === 0 && struck().length >= enough)
      )
        break;
    }
    const seconds = (Date.now() - started) / 1000;
    const faults = replica.log.slice(asked).filter(({ fault }) => fault !== null).length;
    const requests = replica.log.length - asked;
    const names = struck();
    replica.faults.clear();

    const products = replica.volumes.reduce((sum, volume) => sum + volume.products.length, 0);
    await expect
      .poll(() => unfinished(db, products), { timeout: RECOVERY_MS, interval: 1000 })
      .toEqual({ images: products, unfinished: 0 });
    for (const daemon of daemons) {
      const exit = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      expect(await exit, logs.map(({ text }) => text.slice(-3000)).join('\n')).toEqual([0, null]);
    }

    await runOnce(replica, calm.url);
    const [left, expected] = [await current(db), await current(calm.db)];
    expect(expected.detections.length).toBeGreaterThan(IMAGES);
    expect(left).toEqual(expected);
    expect(names.length, `of these alone: ${names.join(', ')}`).toBeGreaterThanOrEqual(enough);
    expect(faults).toBeGreaterThan(requests / 10);
    for (const dir of folders) {
      const files = await readdir(dir, { recursive: true });
      expect(files.filter((path) => !path.startsWith('selenoscan-parts'))).toEqual([]);
    }
    const rates = requestRates(replica.log.slice(asked), 1);
    expect(Object.keys(rates)).toHaveLength(2);
    for (const { mostOpen, lowGapMs, mostInWindow } of Object.values(rates)) {
      expect(mostOpen).toBe(1);
      // The log is of the archive's side: a request ends there a moment later than it is seen to end here, on a busy machine now and then much later.
      expect(lowGapMs).toBeGreaterThanOrEqual(SPACING_MS - 15);
      expect(mostInWindow).toBeLessThanOrEqual(Math.ceil(1000 / SPACING_MS) + 1);
    }
    record({
      name: '10-archive-faults',
      done: `all ${FAULT_NAMES.length} faults of the replica at once, each by a chance of ${CHANCE} at every request of two daemons, while a volume was released, products came late and others were made anew`,
      times: `${((seconds * FACTOR) / 3600).toFixed(1)} hours, ${FACTOR} times compressed: ${faults} of ${requests} requests struck, by ${names.length} of the faults`,
      lost: 'nothing: once the archive was well all wanted images were scanned and equal those of an undisturbed run; at no time more than one connection to a host, nor a pause that was too short',
      command: 'npm run test:chaos -- archive-faults',
    });
  });
});

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'selenoscan-chaos-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function settings(replica: Replica, url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SUMMED: 'true',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_ARCHIVE_SPACING_MS: String(SPACING_MS),
    SELENOSCAN_ARCHIVE_TIMEOUT_S: '1',
    SELENOSCAN_ARCHIVE_RETRIES: '2',
    SELENOSCAN_ARCHIVE_BREAKER_S: '5',
    SELENOSCAN_ARCHIVE_POLL_MINUTES: '0.05',
    SELENOSCAN_ARCHIVE_FALLBACK_H: '-1',
    SELENOSCAN_QUEUE_ATTEMPTS: '100',
    SELENOSCAN_QUEUE_RETRY_S: '0',
    SELENOSCAN_QUEUE_MISSING_HOURS: '0',
    SELENOSCAN_QUEUE_LEASE_S: '20',
    SELENOSCAN_QUEUE_AHEAD: '2',
    SELENOSCAN_SCORING_WORKERS: '1',
    SELENOSCAN_SCORING_ENGINE: 'onnx',
    SELENOSCAN_SCORING_MODE: 'exact',
    SELENOSCAN_TILING_STRIDE_X: '64',
    SELENOSCAN_TILING_STRIDE_Y: '64',
    SELENOSCAN_HTTP_PORT: '0',
  };
}

/** An undisturbed run to the end of what is released. */
async function runOnce(replica: Replica, url: string): Promise<void> {
  const run = await runCli(['run', '--once'], {
    ...settings(replica, url),
    SELENOSCAN_ARCHIVE_TIMEOUT_S: '60',
  });
  expect(run.code, run.stderr).toBe(0);
}

/** What was scanned is scanned again, so that there is something to fetch through all of the trouble. */
async function again(db: Database): Promise<void> {
  const modelId = await activeModel(db);
  if (modelId !== null) await requeueScans(db, { modelId, states: ['scanned'] });
}

async function announced(db: Database): Promise<number> {
  return (await db.query('SELECT FROM selenoscan_data.product')).length;
}

async function unfinished(db: Database, expected: number): Promise<{ images: number; unfinished: number }> {
  const [row] = await db.query<{ images: number; unfinished: number }>(
    `SELECT count(DISTINCT image_id) AS images, count(*) FILTER (WHERE state NOT IN ('scanned', 'skipped')) AS unfinished
     FROM selenoscan_data.scan`,
  );
  return row ?? { images: -expected, unfinished: -1 };
}

/** What a user sees: current detections and what is covered, and what became of each image. */
async function current(db: Database) {
  const { detections, cells } = await resultsOf(db);
  const images = await db.query(
    `SELECT DISTINCT image_id, state, error_code FROM selenoscan_data.scan
     WHERE is_current OR (state = 'skipped' AND error_code <> 'superseded') ORDER BY image_id, state`,
  );
  return {
    images,
    cells,
    detections: detections.filter((row) => (row as { is_current: boolean }).is_current),
  };
}
