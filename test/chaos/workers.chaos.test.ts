import { cpus } from 'node:os';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startReplica, type Replica } from '../../src/replica/replica.js';
import { createStubScenes } from '../../src/replica/stub-scenes.js';
import { pauseLanes, resumeLanes } from '../../src/store/queries/pauses.js';
import { runCli, startCli } from '../support/cli.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { quickSettings } from './support/crash-rounds.js';
import { record } from './support/record.js';
import { resultsOf, type Results } from './support/results-of.js';

const IMAGES = Number(process.env['SELENOSCAN_CHAOS_IMAGES'] ?? 16);
const LINES = 1088;
const WORKERS = [1, 2, 4, 8];
const START_MS = 180_000;
const LONGEST_MS = 600_000;

interface Run {
  readonly workers: number;
  /** From the moment that all may claim to the last commit. */
  readonly seconds: number;
  readonly results: Results;
}

describeWithPostgres('workers on one database', () => {
  let replica: Replica;
  beforeAll(async () => {
    const scenes = createStubScenes();
    replica = await startReplica({ port: 0, seed: 51, images: IMAGES, lines: LINES, scenes });
  });
  afterAll(() => replica.close());

  it('scan each image once, whether they are one or eight, and find the same', async () => {
    const runs: Run[] = [];
    for (const workers of WORKERS) runs.push(await run(workers));
    const [alone, ...others] = runs;
    for (const { workers, results } of others) expect(results, `${workers} workers`).toEqual(alone!.results);
    const rate = ({ workers, seconds }: Run): string => `${workers}: ${(IMAGES / seconds).toFixed(2)}`;
    record({
      name: '12-workers',
      done: `${WORKERS.join(', ')} processes of the role scan, of one scoring thread each, claiming ${IMAGES} images of 5064 x ${LINES} from one queue`,
      times: `once each; images per second by workers on ${cpus().length} cores: ${runs.map(rate).join(', ')}`,
      lost: 'nothing, and nothing done twice: one attempt and one commit for each image, the same rows whatever the number',
      command: 'npm run test:chaos -- workers',
    });
  });

  /** All are started and wait in a paused lane, and then may claim at once. */
  async function run(workers: number): Promise<Run> {
    const { db, url } = await createTestDatabase();
    const env = {
      ...quickSettings(replica),
      DATABASE_URL: url,
      SELENOSCAN_SCORING_WORKERS: '1',
      SELENOSCAN_QUEUE_LEASE_S: '120',
      SELENOSCAN_DATABASE_POOL: '3',
    };
    const polled = await runCli(['run', '--once', '--role', 'poll'], env);
    expect(polled.code, polled.stderr).toBe(0);
    await pauseLanes(db, ['live', 'backfill'], 'all start together');
    const all = Array.from({ length: workers }, () => started(env));
    const logs = await Promise.all(all.map(({ ready }) => ready));
    expect(await states()).toEqual([{ state: 'queued', attempts: 0, count: IMAGES }]);
    const start = performance.now();
    await resumeLanes(db, ['live', 'backfill']);
    await expect
      .poll(states, { timeout: LONGEST_MS, interval: 50 })
      .toEqual([{ state: 'scanned', attempts: 1, count: IMAGES }]);
    const seconds = (performance.now() - start) / 1000;
    for (const { child } of all) {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
    }
    const lines = logs.flatMap((log) => log.text.split('\n'));
    const committed = lines
      .filter((line) => line.includes('"Scan:Committed"'))
      .map((line) => JSON.parse(line) as { product: string; updated: number });
    expect(committed).toHaveLength(IMAGES);
    expect(new Set(committed.map(({ product }) => product)).size).toBe(IMAGES);
    expect(committed.filter(({ updated }) => updated > 0)).toEqual([]);
    return { workers, seconds, results: await resultsOf(db) };

    function states() {
      return db.query(
        'SELECT state, attempts, count(*) AS count FROM selenoscan_data.scan GROUP BY state, attempts ORDER BY state',
      );
    }
  }
});

function started(env: Record<string, string>): { child: ChildProcess; ready: Promise<{ text: string }> } {
  const child = startCli(['run', '--role', 'scan'], env);
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdout?.resume();
  const log = { text: '' };
  child.stderr?.on('data', (chunk: Buffer) => (log.text += chunk.toString()));
  const ready = expect
    .poll(() => log.text, { timeout: START_MS, interval: 100 })
    .toContain('Run:Started')
    .then(() => log);
  return { child, ready };
}
