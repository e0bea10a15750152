import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { createRandom } from '../../../src/domain/random.js';
import { startReplica, type Replica } from '../../../src/replica/replica.js';
import type { Database } from '../../../src/store/database.js';
import { migrate } from '../../../src/store/migrate.js';
import { activeModel } from '../../../src/store/queries/active-model.js';
import { alertBacklog } from '../../../src/store/queries/alert-backlog.js';
import { requeueScans } from '../../../src/store/queries/requeue-scans.js';
import { startReceiver, type Receiver } from '../../alerts/receiver.js';
import { SIZE, smallScenes } from '../../pipeline/fault-matrix-support.js';
import { addRule } from '../../store/alert-samples.js';
import { runCli } from '../../support/cli.js';
import { Daemons } from './daemons.js';
import { detectionsByImage, resultsOf, type Results } from './results-of.js';
import { Reviewer, reviewersOf } from './reviewer.js';

/** A killed worker's scan is taken up again so soon. */
const LEASE_S = 5;
/**
 * When daemons are killed: by turns so long after their processes were started, and after they are at work. So a kill
 * hits the opening of the database and the engine, fetching, scoring or committing, however fast the machine is.
 */
const LATEST_KILL_MS = 6000;
/** Where a machine is too slow for a scan in that time, kills come later, until some meet what follows a commit. */
const LATER = 1.25;
const LATEST_OF_ALL_MS = 60_000;
/** A machine that is this slow to start a daemon has it killed in its start. */
const LONGEST_START_MS = 30_000;
/** Detections of an image that alert. */
const ALERTS = 10;
/** A receiver that takes its time has an alert under way at most kills. */
const RECEIVER_MS = 500;

/** Settings that keep a scan of a whole daemon at a few seconds. */
export function quickSettings(replica: Replica): Record<string, string> {
  return {
    SELENOSCAN_ARCHIVE_URLS: JSON.stringify([replica.address]),
    SELENOSCAN_ARCHIVE_SPACING_MS: '0',
    SELENOSCAN_ARCHIVE_SUMMED: 'true',
    SELENOSCAN_ARCHIVE_MIN_LINES: '64',
    SELENOSCAN_SCORING_ENGINE: 'onnx',
    SELENOSCAN_SCORING_MODE: 'exact',
    SELENOSCAN_TILING_STRIDE_X: '64',
    SELENOSCAN_TILING_STRIDE_Y: '64',
    SELENOSCAN_QUEUE_LEASE_S: String(LEASE_S),
    SELENOSCAN_QUEUE_ATTEMPTS: '100',
    SELENOSCAN_QUEUE_RETRY_S: '0',
    SELENOSCAN_ALERTS_POLL_S: '0.2',
    SELENOSCAN_ALERTS_TIMEOUT_S: '2',
    SELENOSCAN_ALERTS_RETRY_S: '0.1',
    SELENOSCAN_ALERTS_PRIVATE: '["127.0.0.1"]',
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
  /** Rounds whose kill hit an alert that was to be sent. */
  inAlert: number;
  /** Scans that were committed between the kills. */
  committed: number;
  /** Alerts, each of another detection; all were received. */
  alerts: number;
  /** Alerts that came more than once, with the same key. */
  repeated: number;
  /** Reviews that were acknowledged; all are there. */
  reviews: number;
}

/** Images of bodies on even ground, whose scan takes a second or two. */
export function startArchive(seed: number): Promise<Replica> {
  return startReplica({ port: 0, seed, images: 3, lines: 1088, scenes: smallScenes });
}

/** Some of a third of that size, whose scan takes less time than a daemon's start: kills meet commits as well. */
export function startSmallArchive(seed: number, images: number): Promise<Replica> {
  return startReplica({ port: 0, seed, images, ...SIZE, scenes: smallScenes });
}

/** What an undisturbed run leaves behind. */
export async function undisturbed(subject: Subject, replica: Replica): Promise<Results> {
  await finish(subject, replica);
  return subject.look(resultsOf);
}

/**
 * Starts the daemons and kills them by SIGKILL at a random moment, again and again, while images come late, alerts go
 * to a slow receiver and reviews are posted. At the end the work is finished undisturbed.
 *
 * @param o.mostMs no round begins after it
 * @param o.lateEvery a product is added to the archive's volume after each so many rounds
 * @throws AssertionError where an image's detections were seen in part, or an alert or a review was lost or doubled
 */
export async function crashRounds(
  subject: Subject,
  replica: Replica,
  o: { rounds: number; seed: number; lateEvery: number; mostMs?: number; onRound?: (round: number) => void },
): Promise<{ results: Results; tally: CrashTally }> {
  const random = createRandom(o.seed);
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  receiver.answer = async (_request, response) => {
    await sleep(RECEIVER_MS);
    response.end();
  };
  await subject.look(async (db) => {
    await migrate(db);
    const target = { url: `${receiver.url}/moon` };
    await addRule(db, { name: 'each', rank: ALERTS, channel: 'webhook', target, max_age: '365d' });
  });

  const reviewer = new Reviewer();
  const daemons = new Daemons({ ...quickSettings(replica), ...subject.env });
  const tally: CrashTally = {
    ...{ rounds: 0, inScan: 0, inAlert: 0, committed: 0 },
    ...{ alerts: 0, repeated: 0, reviews: 0 },
  };
  const seen = new Map<string, Set<number>>();
  const end = Date.now() + (o.mostMs ?? Infinity);
  let latestKillMs = LATEST_KILL_MS;
  for (let round = 0; round < o.rounds && Date.now() < end; round++) {
    for (let worker = 0; worker < subject.workers; worker++) daemons.start(['run', ...subject.args]);
    if (round % 2 === 1) await daemons.atWork(LONGEST_START_MS);
    await sleep(random.uniform() * latestKillMs);
    if (daemons.address !== null) {
      const posted = reviewer.post(daemons.address, `reviewer ${round}`, random.uniform());
      // By turns killed at once when it is acknowledged, and perhaps before.
      await (round % 4 === 1 ? posted : Promise.race([posted, sleep(random.uniform() * 50)]));
    }
    await daemons.kill();
    await subject.look(async (db) => {
      tally.rounds++;
      for (const [image, count] of await detectionsByImage(db))
        seen.set(image, (seen.get(image) ?? new Set()).add(count));
      const [scans] = await db.query<{ claimed: number; scanned: number }>(
        `SELECT count(*) FILTER (WHERE state = 'claimed') AS claimed, count(*) FILTER (WHERE state = 'scanned') AS scanned
         FROM selenoscan_data.scan`,
      );
      if (scans!.claimed > 0) tally.inScan++;
      if ((await alertBacklog(db)).oldest_s > 0) tally.inAlert++;
      tally.committed += scans!.scanned;
      latestKillMs =
        scans!.scanned > 0
          ? Math.max(LATEST_KILL_MS, latestKillMs / LATER)
          : Math.min(LATEST_OF_ALL_MS, latestKillMs * LATER);
      if (scans!.scanned > 0) await queueAgain(db);
    });
    if ((round + 1) % o.lateEvery === 0) replica.addLate(replica.volumes[0]!.volumeId);
    o.onRound?.(round + 1);
  }
  expect(daemons.endings).toEqual([]);
  receiver.answer = (_request, response) => void response.end();
  await finish(subject, replica);
  const results = await subject.look(async (db) => {
    await expectAlerts(db, receiver, tally);
    await expectReviews(db, reviewer, tally);
    return resultsOf(db);
  });
  for (const [image, count] of countsOf(results))
    expect(
      [...(seen.get(image) ?? [])].filter((other) => other !== count),
      image,
    ).toEqual([]);
  return { results, tally };
}

/** Each of the best detections alerted once; nothing is left to be sent, and nothing came that was not due. */
async function expectAlerts(
  db: Database,
  { received, accepted }: Receiver,
  tally: CrashTally,
): Promise<void> {
  const due = await db.query<{ key: string; state: string }>(
    `SELECT alert.idempotency_key::text AS key, alert.state
     FROM selenoscan_data.detection LEFT JOIN selenoscan_data.alert_delivery alert ON detection_pk = detection.id
     WHERE rank_in_image <= $1`,
    [ALERTS],
  );
  expect(due.filter(({ state }) => state !== 'sent')).toEqual([]);
  const [all] = await db.query<{ count: number }>(
    'SELECT count(*) AS count FROM selenoscan_data.alert_delivery',
  );
  expect(all?.count).toBe(due.length);
  expect([...accepted].sort()).toEqual(due.map(({ key }) => key).sort());
  tally.alerts = due.length;
  tally.repeated = received.length - new Set(received.map(({ key }) => key)).size;
}

/** What was acknowledged is there, once; what was not may be. */
async function expectReviews(db: Database, { taken }: Reviewer, tally: CrashTally): Promise<void> {
  const kept = await reviewersOf(db);
  expect(new Set(kept).size).toBe(kept.length);
  expect(taken.filter((name) => !kept.includes(name))).toEqual([]);
  tally.reviews = taken.length;
}

/** Scans that are done are done again: the work never runs out, and each commit meets rows that are there. */
async function queueAgain(db: Database): Promise<void> {
  const modelId = await activeModel(db);
  if (modelId !== null) await requeueScans(db, { modelId, states: ['scanned'] });
}

/** Runs until every image is scanned and every alert sent: leases of the killed end meanwhile. */
async function finish(subject: Subject, replica: Replica): Promise<void> {
  const env = { ...quickSettings(replica), ...subject.env };
  for (let attempt = 0; attempt < 20; attempt++) {
    const run = await runCli(['run', '--once', '--json', ...subject.args], env);
    expect(run.code, run.stderr).toBe(0);
    const { left } = JSON.parse(run.stdout) as { left: { queued: number; claimed: number } };
    const alerts = await subject.look(alertBacklog);
    const waiting = Object.values(alerts.states).reduce((sum, count) => sum + count, 0);
    if (left.queued + left.claimed + waiting === 0) return;
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
