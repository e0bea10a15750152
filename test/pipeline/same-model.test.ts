import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ArchiveSource } from '../../src/archive/archive-source.js';
import { claims } from '../../src/pipeline/claims.js';
import { polls } from '../../src/pipeline/polls.js';
import { Rest } from '../../src/pipeline/rest.js';
import type { Database } from '../../src/store/database.js';
import { systemClock } from '../../src/telemetry/clock.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { MODEL, announce, sampleProduct, useModel } from '../store/samples.js';
import { describeWithDatabase } from '../support/database.js';

const log = createLogger('silent', 'test');
const policy = { leaseSeconds: 30, maxAttempts: 3, retrySeconds: 60, missingSeconds: 3600 };
const limits = {
  maxIncidenceDeg: 180,
  maxEmissionDeg: 90,
  maxResolutionM: 100,
  minLines: 1,
  samples: [5064],
};

/** Ends of polling, with how often the archive was asked. */
function polling(db: Database, discover: () => never) {
  let asked = 0;
  const archive = {
    id: 'test',
    // eslint-disable-next-line require-yield
    discover: async function* () {
      await Promise.resolve();
      asked++;
      discover();
    },
  } as unknown as ArchiveSource;
  const tools = { db, archive, model: { id: MODEL }, log, metrics: createMetrics() };
  const stop = new AbortController();
  const polled = polls(
    { pollEveryMs: 20, limits },
    { ...tools, mayPoll: () => Promise.resolve(true) },
    stop.signal,
  );
  const ended = new Promise<string>((resolve) => {
    polled.subscribe({
      error: (error: Error) => resolve(error.message),
      complete: () => resolve('in order'),
    });
  });
  return { ended, stop: () => stop.abort(), asked: () => asked };
}

describeWithDatabase('a daemon whose model is no more the active one', (createDatabase) => {
  it('claims nothing more and says which model it should have', async () => {
    const db = await createDatabase();
    await useModel(db);
    await announce(db, sampleProduct('M1271742202LC'));
    await announce(db, sampleProduct('M1271742203LC'));
    const options = { once: false, policy, worker: 'test' };
    const tools = { db, clock: systemClock, model: { id: MODEL }, log };
    const claimed = claims(options, tools, new Rest(), () => 0, new AbortController().signal);
    expect((await claimed.next()).done).toBe(false);
    await useModel(db, 'better@ba9876543210');
    // One that is queued for the former model all the same, as by its poller a moment later.
    await announce(db, sampleProduct('M1271742204LC'));
    await expect(claimed.next()).rejects.toThrow(
      `The database's active model is better@ba9876543210, but model.path gives ${MODEL}; set model.path to the active model's folder.`,
    );
  });

  it('asks the archive nothing more', async () => {
    const db = await createDatabase();
    await useModel(db);
    await useModel(db, 'better@ba9876543210');
    const { ended, asked } = polling(db, () => {
      throw new Error('asked');
    });
    expect(await ended).toMatch(/active model is better@ba9876543210/);
    expect(asked()).toBe(0);
  });
});

describeWithDatabase('polls', (createDatabase) => {
  it('go on after an answer that nobody foresaw, and leave the scans alone', async () => {
    const db = await createDatabase();
    await useModel(db);
    const { ended, asked, stop } = polling(db, () => {
      throw new TypeError('nobody foresaw this');
    });
    for (let tried = 0; asked() < 2 && tried < 200; tried++) await sleep(20);
    stop();
    expect(await ended).toBe('in order');
    expect(asked()).toBeGreaterThan(1);
  });
});
