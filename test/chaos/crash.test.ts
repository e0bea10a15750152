import { expect, it, onTestFinished } from 'vitest';
import { describeWithPostgres } from '../support/postgres.js';
import { crashRounds, startSmallArchive, undisturbed } from './support/crash-rounds.js';
import { onPostgres } from './support/subjects.js';

const ROUNDS = 2;

describeWithPostgres('a deployment whose workers are killed', () => {
  it(`holds what an undisturbed one holds (${ROUNDS} rounds; npm run test:chaos does more)`, async () => {
    const replica = await startSmallArchive(31);
    onTestFinished(() => replica.close());
    const expected = await undisturbed(await onPostgres(1), replica);
    expect(expected.detections.length).toBeGreaterThan(10);
    const { results, tally } = await crashRounds(await onPostgres(2), replica, expected, {
      rounds: ROUNDS,
      seed: 1,
    });
    expect(tally.rounds).toBe(ROUNDS);
    expect(results).toEqual(expected);
  }, 240_000);
});
