import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWithPostgres } from '../support/postgres.js';
import { crashRounds, startSmallArchive, undisturbed, type CrashTally } from './support/crash-rounds.js';
import { record } from './support/record.js';
import { onEmbedded, onPostgres } from './support/subjects.js';

const ROUNDS = Number(process.env['SELENOSCAN_CHAOS_ROUNDS'] ?? 200);
/** Bounds the rounds of one subject on a slow machine. */
const MOST_MS = Number(process.env['SELENOSCAN_CHAOS_MINUTES'] ?? 60) * 60_000;
/** Of the embedded database, whose opening takes most of a round. */
const EMBEDDED_ROUNDS = Math.ceil(ROUNDS / 5);
/** So many images come while the rounds go on. */
const LATE = 5;
/** The mode that users get: its sample, its bounds and what it confirms are lost and made again as well. */
const USUAL = { SELENOSCAN_SCORING_MODE: 'cascade' };
const COMMAND = 'npm run test:chaos -- crash';
const WHEN =
  'by turns within 6 s (more where no scan was done by then) of the start and of the moment when the work began, while images came late, reviews were posted and alerts went to a slow receiver';

const say = (round: number): void => {
  if (round % 10 === 0) console.log(`${round} kills`);
};
const timesOf = ({ rounds, inScan, inAlert, committed }: CrashTally): string =>
  `${rounds} times: ${inScan} with scans in work, ${inAlert} with alerts to be sent; ${committed} commits were found in between`;
const lostOf = ({ alerts, repeated, reviews }: CrashTally): string =>
  `nothing: products, scans, detections, pictures and coverage equal those of an undisturbed run; ${alerts} alerts were due and came (${repeated} messages again, with their key), ${reviews} reviews were acknowledged and are there`;

describeWithPostgres('two workers on PostGIS, killed together at random moments', () => {
  it('leave what an undisturbed run leaves', async () => {
    const replica = await startSmallArchive(31, 6);
    onTestFinished(() => replica.close());
    const o = { rounds: ROUNDS, seed: 7, mostMs: MOST_MS, lateEvery: Math.ceil(ROUNDS / LATE), onRound: say };
    const { results, tally } = await crashRounds(await onPostgres(2, USUAL), replica, o);
    expect(results).toEqual(await undisturbed(await onPostgres(1, USUAL), replica));
    expect(tally.inScan).toBeGreaterThan(tally.rounds / 10);
    expect(tally.committed).toBeGreaterThan(tally.rounds / 10);
    record({
      name: '1-crash-postgis',
      done: `kill -9 of two daemons on PostGIS, together, ${WHEN}`,
      times: timesOf(tally),
      lost: lostOf(tally),
      command: COMMAND,
    });
  });
});

describe('a daemon on the embedded database, killed at random moments', () => {
  it('leaves what an undisturbed run leaves', async () => {
    const replica = await startSmallArchive(31, 6);
    onTestFinished(() => replica.close());
    const o = {
      ...{ rounds: EMBEDDED_ROUNDS, seed: 7, mostMs: MOST_MS, onRound: say },
      lateEvery: Math.ceil(EMBEDDED_ROUNDS / LATE),
    };
    const { results, tally } = await crashRounds(await onEmbedded(), replica, o);
    expect(results).toEqual(await undisturbed(await onEmbedded(), replica));
    record({
      name: '2-crash-embedded',
      done: `kill -9 of the daemon on the embedded database, ${WHEN}`,
      times: timesOf(tally),
      lost: lostOf(tally),
      command: COMMAND,
    });
  });
});
