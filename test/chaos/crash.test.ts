import { expect, it, onTestFinished } from 'vitest';
import { describeWithPostgres } from '../support/postgres.js';
import { crashRounds, startSmallArchive, undisturbed } from './support/crash-rounds.js';
import { onPostgres } from './support/subjects.js';

const ROUNDS = 2;

describeWithPostgres('a deployment whose workers are killed', () => {
  it(`holds what an undisturbed one holds (${ROUNDS} rounds; npm run test:chaos does more)`, async () => {
    const replica = await startSmallArchive(31, 2);
    onTestFinished(() => replica.close());
    const o = { rounds: ROUNDS, seed: 1, lateEvery: ROUNDS };
    const { results, tally } = await crashRounds(await onPostgres(2), replica, o);
    expect(tally.rounds).toBe(ROUNDS);
    expect(tally.alerts).toBeGreaterThan(10);
    expect(results.detections.length).toBeGreaterThan(10);
    expect(results).toEqual(await undisturbed(await onPostgres(1), replica));
  }, 300_000);
});
