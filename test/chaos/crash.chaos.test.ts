import { describe, expect, it, onTestFinished } from 'vitest';
import { describeWithPostgres } from '../support/postgres.js';
import { crashRounds, startArchive, undisturbed, type CrashTally } from './support/crash-rounds.js';
import { record } from './support/record.js';
import { onEmbedded, onPostgres } from './support/subjects.js';

const ROUNDS = Number(process.env['SELENOSCAN_CHAOS_ROUNDS'] ?? 200);
/** Of the embedded database, whose opening takes most of a round. */
const EMBEDDED_ROUNDS = Math.ceil(ROUNDS / 5);
const COMMAND = 'npm run test:chaos -- crash';

const say = (round: number): void => {
  if (round % 10 === 0) console.log(`${round} kills`);
};
const timesOf = ({ rounds, inScan, committed }: CrashTally): string =>
  `${rounds} kills, ${inScan} with scans in work, ${committed} commits between them`;

describeWithPostgres('two workers on PostGIS, killed together at random moments', () => {
  it('leave what an undisturbed run leaves', async () => {
    const replica = await startArchive(31);
    onTestFinished(() => replica.close());
    const expected = await undisturbed(await onPostgres(1), replica);
    const o = { rounds: ROUNDS, seed: 7, onRound: say };
    const { results, tally } = await crashRounds(await onPostgres(2), replica, expected, o);
    expect(results).toEqual(expected);
    expect(tally.inScan).toBeGreaterThan(ROUNDS / 10);
    record({
      name: '1-crash-postgis',
      done: 'kill -9 of two workers on PostGIS, together, by turns 0 to 6 s after their start and after they were at work',
      times: timesOf(tally),
      lost: 'nothing: products, scans, detections, pictures and coverage equal those of an undisturbed run',
      command: COMMAND,
    });
  });
});

describe('a daemon on the embedded database, killed at random moments', () => {
  it('leaves what an undisturbed run leaves', async () => {
    const replica = await startArchive(31);
    onTestFinished(() => replica.close());
    const expected = await undisturbed(await onEmbedded(), replica);
    const o = { rounds: EMBEDDED_ROUNDS, seed: 7, onRound: say };
    const { results, tally } = await crashRounds(await onEmbedded(), replica, expected, o);
    expect(results).toEqual(expected);
    record({
      name: '2-crash-embedded',
      done: 'kill -9 of the daemon on the embedded database, by turns 0 to 6 s after its start and after it was at work',
      times: timesOf(tally),
      lost: 'nothing: as above',
      command: COMMAND,
    });
  });
});
