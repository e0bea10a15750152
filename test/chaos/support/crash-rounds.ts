import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createRandom } from '../../../src/domain/random.js';
import { startReplica, type Replica } from '../../../src/replica/replica.js';
import type { Database } from '../../../src/store/database.js';
import { activeModel } from '../../../src/store/queries/active-model.js';
import { requeueScans } from '../../../src/store/queries/requeue-scans.js';
import { SIZE, smallScenes } from '../../pipeline/fault-matrix-support.js';
import { runCli } from '../../support/cli.js';
import { Daemons } from './daemons.js';
import { detectionsByImage, resultsOf, type Results } from './results-of.js';

/** A killed worker's scan is taken up again so soon. */
const LEASE_S = 5;
/**
 * When daemons are killed: by turns so long after their processes were started, and after they are at work. So a kill
 * hits the opening of the database and the engine, fetching, scoring or committing, however fast the machine is.
 */
const LATEST_KILL_MS = 6000;
/** A machine that is this slow to start a daemon has it killed in its start. */
const LONGEST_START_MS = 30_000;

/** Settings that keep a scan of a whole daemon at a few seconds. */
export function quickSettings(replica: Replica): Record<string, string> {
  return {
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_SUMMED: 'true',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_TILING_STRIDE_X: '64',
    SELENOSCAN_TILING_STRIDE_Y: '64',
    SELENOSCAN_QUEUE_LEASE_S: String(LEASE_S),
    SELENOSCAN_QUEUE_ATTEMPTS: '100',
    SELENOSCAN_QUEUE_RETRY_S: '0',
    SELENOSCAN_HTTP_PORT: '0',
  };
}

/** A database as one round sees it: opened for a look, and closed before the daemon starts again. */
export interface Subject {
  /** What the daemon is told to find it. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Daemons at a time. */
  readonly workers: number;
  look<T>(work: (db: Database) => Promise<T>): Promise<T>;
}

export interface CrashTally {
  rounds: number;
  /** Rounds whose kill hit a scan in work. */
  inScan: number;
  /** Scans that were committed between the kills. */
  committed: number;
}

export function startArchive(seed: number): Promise<Replica> {
  return startReplica({ port: 0, seed, images: 3, lines: 1088 });
}

/** Two small images of bodies on even ground, for tests that have seconds. */
export function startSmallArchive(seed: number): Promise<Replica> {
  return startReplica({ port: 0, seed, images: 2, ...SIZE, scenes: smallScenes });
}

/** What an undisturbed run leaves behind. */
export async function undisturbed(subject: Subject, replica: Replica): Promise<Results> {
  await finish(subject, replica);
  return subject.look(resultsOf);
}

/**
 * Starts the daemons and kills them by SIGKILL at a random moment, again and again; whatever is found in between, an
 * image's detections are all there or none. At the end the work is finished undisturbed.
 */
export async function crashRounds(
  subject: Subject,
  replica: Replica,
  expected: Results,
  o: { rounds: number; seed: number; onRound?: (round: number) => void },
): Promise<{ results: Results; tally: CrashTally }> {
  const random = createRandom(o.seed);
  const daemons = new Daemons({ ...quickSettings(replica), ...subject.env });
  const tally: CrashTally = { rounds: 0, inScan: 0, committed: 0 };
  const whole = countsOf(expected);
  for (let round = 0; round < o.rounds; round++) {
    for (let worker = 0; worker < subject.workers; worker++) daemons.start(['run', ...subject.args]);
    if (round % 2 === 1) await daemons.atWork(LONGEST_START_MS);
    await sleep(random.uniform() * LATEST_KILL_MS);
    await daemons.kill();
    await subject.look(async (db) => {
      tally.rounds++;
      // An embedded database that was killed in its very first start.
      if (!(await isMigrated(db))) return;
      for (const [image, count] of await detectionsByImage(db)) expect(count, image).toBe(whole.get(image));
      const [scans] = await db.query<{ claimed: number; scanned: number }>(
        `SELECT count(*) FILTER (WHERE state = 'claimed') AS claimed, count(*) FILTER (WHERE state = 'scanned') AS scanned
         FROM selenoscan_data.scan`,
      );
      if (scans!.claimed > 0) tally.inScan++;
      tally.committed += scans!.scanned;
      if (scans!.scanned > 0) await queueAgain(db);
    });
    o.onRound?.(round + 1);
  }
  expect(daemons.endings).toEqual([]);
  await finish(subject, replica);
  return { results: await subject.look(resultsOf), tally };
}

async function isMigrated(db: Database): Promise<boolean> {
  const [row] = await db.query<{ there: boolean }>(
    `SELECT to_regclass('selenoscan_data.scan') IS NOT NULL AS there`,
  );
  return row?.there === true;
}

/** Scans that are done are done again: the work never runs out, and each commit meets rows that are there. */
async function queueAgain(db: Database): Promise<void> {
  const modelId = await activeModel(db);
  if (modelId !== null) await requeueScans(db, { modelId, states: ['scanned'] });
}

/** Runs until every image is scanned: leases of the killed end meanwhile. */
async function finish(subject: Subject, replica: Replica): Promise<void> {
  const env = { ...quickSettings(replica), ...subject.env };
  for (let attempt = 0; attempt < 20; attempt++) {
    const run = await runCli(['run', '--once', '--json', ...subject.args], env);
    expect(run.code, run.stderr).toBe(0);
    const { left } = JSON.parse(run.stdout) as { left: { queued: number; claimed: number } };
    if (left.queued + left.claimed === 0) return;
    await sleep(LEASE_S * 500);
  }
  throw new Error('The work did not come to an end.');
}

function countsOf({ detections }: Results): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const row of detections) {
    const { image_id } = row as { image_id: string };
    counts.set(image_id, (counts.get(image_id) ?? 0) + 1);
  }
  return counts;
}
