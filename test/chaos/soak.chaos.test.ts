import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { startReplica } from '../../src/replica/replica.js';
import { createStubScenes } from '../../src/replica/stub-scenes.js';
import type { Database } from '../../src/store/database.js';
import { SIZE } from '../pipeline/fault-matrix-support.js';
import { startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { quickSettings } from './support/crash-rounds.js';
import { record } from './support/record.js';
import { straightLine } from './support/straight-line.js';

const MINUTES = Number(process.env['SELENOSCAN_CHAOS_MINUTES'] ?? 6);
/** A slow machine takes longer, for so many images. */
const LEAST_IMAGES = 1000;
const LONGEST_MINUTES = 60;
const SAMPLE_MS = 1000;
const IMAGES = 6000;
/** What a daemon may grow by from the middle to the end, of what it was in the middle. */
const RSS_BAND = 0.1;
/** Handles that come and go with requests and connections. */
const HANDLES_BAND = 3;
const CONNECTIONS_BAND = 2;

interface Sample {
  /** Resident memory, MB: the engine's tensors and sessions lie in it as well. */
  readonly rss: number;
  /** Of it the JavaScript heap in use, MB. */
  readonly heap: number;
  readonly files: number;
  readonly threads: number;
  readonly connections: number;
}

describeWithPostgres('a daemon that scans thousands of images', () => {
  it(
    'grows neither in memory nor in files, threads or connections',
    async () => {
      const replica = await startReplica({
        port: 0,
        seed: 41,
        images: IMAGES,
        imagesKept: 20,
        logKept: 1000,
        ...SIZE,
        scenes: createStubScenes(),
        prepare: false,
      });
      onTestFinished(() => replica.close());
      const { db, url } = await createTestDatabase();
      const daemon = startCli(['run'], {
        ...quickSettings(replica),
        DATABASE_URL: url,
        SELENOSCAN_SCORING_WORKERS: '1',
        SELENOSCAN_QUEUE_LEASE_S: '60',
        SELENOSCAN_DETECTION_BUDGET: '3',
      });
      onTestFinished(() => void daemon.kill('SIGKILL'));
      let log = '';
      daemon.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-100_000)));
      daemon.stdout?.resume();
      await expect.poll(() => log, { timeout: 120_000, interval: 200 }).toContain('Http:Listening');
      const address = /"address":"([^"]+)"/.exec(log)![1]!;
      await expect.poll(() => scanned(db), { timeout: 120_000, interval: 200 }).toBeGreaterThan(0);

      const samples: Sample[] = [];
      const started = Date.now();
      const minutes = (): number => (Date.now() - started) / 60_000;
      let images = 0;
      while (
        minutes() < LONGEST_MINUTES &&
        images < IMAGES &&
        (minutes() < MINUTES || images < LEAST_IMAGES)
      ) {
        samples.push(await sampleOf(daemon.pid!, address, db));
        await sleep(SAMPLE_MS);
        images = await scanned(db);
      }
      const took = minutes();
      expect(images).toBeGreaterThanOrEqual(LEAST_IMAGES);
      const exit = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      expect(await exit, log.slice(-3000)).toEqual([0, null]);

      const half = samples.slice(Math.floor(samples.length / 2));
      const grown = (key: keyof Sample) => straightLine(half.map((sample) => sample[key]));
      const told = (key: keyof Sample, unit = ''): string => {
        const { from, to } = grown(key);
        return `${from.toFixed(1)} to ${to.toFixed(1)}${unit}`;
      };
      const rss = grown('rss');
      expect(rss.to - rss.from, told('rss', ' MB')).toBeLessThan(rss.from * RSS_BAND);
      const heap = grown('heap');
      expect(heap.to - heap.from, told('heap', ' MB')).toBeLessThan(rss.from * RSS_BAND);
      for (const [key, band] of [
        ['files', HANDLES_BAND],
        ['threads', 1],
        ['connections', CONNECTIONS_BAND],
      ] as const) {
        expect(grown(key).to - grown(key).from, `${key}: ${told(key)}`).toBeLessThan(band);
      }
      record({
        name: '11-soak',
        done: 'one daemon left to scan small images without a pause; its memory, files, threads and connections sampled every second, and a straight line laid through the second half',
        times: `${images} images in ${took.toFixed(0)} minutes, ${samples.length} samples`,
        lost: `nothing grew: resident memory ${told('rss', ' MB')}, heap in use ${told('heap', ' MB')}, open files ${told('files')}, threads ${told('threads')}, connections ${told('connections')}`,
        command: 'npm run test:chaos -- soak',
      });
    },
    LONGEST_MINUTES * 60_000 + 300_000,
  );
});

async function scanned(db: Database): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM selenoscan_data.scan WHERE state = 'scanned'`,
  );
  return row?.count ?? 0;
}

async function sampleOf(pid: number, address: string, db: Database): Promise<Sample> {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const number = (pattern: RegExp, text: string): number => Number(pattern.exec(text)?.[1]);
  const metrics = await (await fetch(new URL('/metrics', address))).text();
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  return {
    rss: number(/^VmRSS:\s+(\d+) kB/m, status) / 1024,
    heap: number(/^nodejs_heap_size_used_bytes(?:\{[^}]*\})? ([\d.e+]+)/m, metrics) / 1e6,
    files: readdirSync(`/proc/${pid}/fd`).length,
    threads: number(/^Threads:\s+(\d+)/m, status),
    connections: row?.count ?? 0,
  };
}
