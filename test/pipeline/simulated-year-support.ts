import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished } from 'vitest';
import type { ProductLimits } from '../../src/archive/choose/filter-product.js';
import { createLocalGate } from '../../src/archive/politeness/host-gate.js';
import { HttpClient } from '../../src/archive/http/http-client.js';
import { VolumeIndexSource } from '../../src/archive/index/volume-index-source.js';
import { pollOnce } from '../../src/pipeline/poll.js';
import type { Database } from '../../src/store/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { fakeClock, type FakeClock } from '../archive/support.js';
import { MODEL, useModel } from '../store/samples.js';

const FIRST = 'LROLRC_1063A';
const MONTHS = 12;
const MONTH_MS = 30.4 * 86_400_000;
const CHANGED = 5;
const MAX_INCIDENCE_DEG = 60;

const limits: ProductLimits = {
  maxIncidenceDeg: MAX_INCIDENCE_DEG,
  maxEmissionDeg: 45,
  maxResolutionM: 2,
  minLines: 1025,
  samples: [5064],
  rejectQuality: [4, 5],
};

interface Volume {
  readonly volumeId: string;
  readonly expected: Readonly<Record<string, number>>;
}

interface Request {
  readonly front: boolean;
  readonly path: string;
  readonly conditional: boolean;
  readonly status: number;
}

/** The archive of `year-archive.js`, stopped after the test. */
async function startArchive() {
  const child = fork(
    fileURLToPath(new URL('year-archive.js', import.meta.url)),
    [FIRST, String(MAX_INCIDENCE_DEG)],
    { execArgv: [] },
  );
  onTestFinished(() => void child.kill());
  const answer = async <T>(): Promise<T> => {
    const [message] = (await once(child, 'message')) as [T];
    return message;
  };
  const ask = <T>(message: object): Promise<T> => {
    const answered = answer<T>();
    child.send(message);
    return answered;
  };
  const { address } = await answer<{ address: string }>();
  return {
    address,
    release: (rows: number) => ask<Volume>({ release: rows }),
    change: (volumeId: string, count: number) => ask<Volume>({ change: [volumeId, count] }),
    log: () => ask<Request[]>({ log: true }),
  };
}

async function openSource(address: string, clock: FakeClock): Promise<VolumeIndexSource> {
  const tempDir = await mkdtemp(join(tmpdir(), 'selenoscan-year-'));
  const gate = createLocalGate({ spacingMs: 1000, patienceMs: 120_000, clock });
  const client = new HttpClient({ userAgent: 'selenoscan-test', gate, clock, timeoutMs: 60_000, retries: 0 });
  const options = { urls: [address], dataSet: 'cdr', client, clock, tempDir, access: 'download' } as const;
  const source = new VolumeIndexSource(options);
  onTestFinished(async () => {
    await source.close();
    await rm(tempDir, { recursive: true });
  });
  return source;
}

/** Memory of this process, which is the poller, after a full collection, MiB. */
interface Memory {
  readonly heap: number;
  readonly resident: number;
}

function memory(): Memory {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: (heapUsed + external) / 2 ** 20, resident: rss / 2 ** 20 };
}

/**
 * What the poller has grown by from the second month to the last, MiB.
 *
 * What is resident is judged by its median month: it rises at once, and once, where the allocator takes
 * another arena while other processes hold the machine up, which is no leak, and a leak rises every month.
 */
export function growthOf(months: readonly Memory[]): Memory {
  const rises = months
    .slice(2)
    .map(({ resident }, month) => resident - months[month + 1]!.resident)
    .sort((a, b) => a - b);
  return {
    heap: months.at(-1)!.heap - months[1]!.heap,
    resident: rises[rises.length >> 1]! * rises.length,
  };
}

/**
 * Twelve months of polls: one after each release, and one more that finds nothing new.
 *
 * @param rows of each release
 * @returns memory of the poller after each month
 */
export async function pollYear(db: Database, rows: number): Promise<Memory[]> {
  await useModel(db);
  const archive = await startArchive();
  const clock = fakeClock('2025-08-01T00:00:00Z');
  const source = await openSource(archive.address, clock);
  const log = createLogger('silent', 'test');
  const never = new AbortController().signal;
  const poll = () => pollOnce(db, source, limits, MODEL, log, never);
  const expected: Record<string, number> = {};
  const months: Memory[] = [];

  for (let month = 1; month <= MONTHS; month++) {
    const volume = await archive.release(rows);
    for (const [name, count] of Object.entries(volume.expected))
      expected[name] = (expected[name] ?? 0) + count;
    const { products, queued } = volume.expected;
    expect(await poll()).toEqual({ discovered: products, changed: 0, queued });
    await archive.log();
    expect(await poll()).toEqual({ discovered: 0, changed: 0, queued: 0 });
    const asked = await archive.log();
    expect(asked.filter(({ front }) => front)).toHaveLength(2);
    expect(asked.map(({ status }) => status)).toEqual([302, 304, 302, 403]);
    expect(asked.every(({ path }) => path.endsWith('INDEX.LBL'))).toBe(true);
    months.push(memory());
    await clock.sleep(MONTH_MS);
  }

  const [found] = await db.query<{ products: number; ids: number; images: number }>(
    `SELECT count(*) AS products, count(DISTINCT product_id) AS ids, count(DISTINCT image_id) AS images
     FROM selenoscan_data.product`,
  );
  expect(found).toEqual({
    products: expected['products'],
    ids: expected['products'],
    images: expected['products'],
  });
  const states = await db.query<{ name: string; scans: number }>(
    `SELECT coalesce(error_code, state) AS name, count(*) AS scans FROM selenoscan_data.scan
     WHERE lane = 'live' GROUP BY 1`,
  );
  const { products, others, ...byState } = expected;
  expect(others).toBe((products! / 4) | 0);
  expect(Object.fromEntries(states.map(({ name, scans }) => [name, scans]))).toEqual(byState);

  await changeVolume(archive, poll);
  return months;
}

/** A volume of last year is released again: what changed in it is found when its turn comes, once. */
async function changeVolume(
  archive: Awaited<ReturnType<typeof startArchive>>,
  poll: () => Promise<{ discovered: number; changed: number; queued: number }>,
): Promise<void> {
  await archive.change('LROLRC_1064B', CHANGED);
  const total = { discovered: 0, changed: 0 };
  for (let turn = 0; turn < 4 * MONTHS; turn++) {
    const { discovered, changed } = await poll();
    total.discovered += discovered;
    total.changed += changed;
  }
  expect(total).toEqual({ discovered: 0, changed: CHANGED });
  const asked = (await archive.log()).filter(({ front }) => front).map(({ path }) => path);
  expect(asked.filter((path) => path.endsWith('.TAB'))).toHaveLength(1);
  expect(asked.filter((path) => path.endsWith('.LBL'))).toHaveLength(2 * 4 * MONTHS);
}
