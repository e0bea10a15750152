import { describe, expect, it } from 'vitest';
import { OperationalError } from '../../src/domain/errors.js';
import { ScoreThread } from '../../src/scoring/score-thread.js';
import { jobsOf, SIZE, terrain } from './support.js';

const DATA = { modelPath: 'none', hardwarePath: null, channels: 1, tileSize: SIZE, batch: 4 };

/** A worker that is ready at once and then does `then` with the first message. */
const entry = (then: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads';
       parentPort.once('message', () => { ${then} });
       parentPort.postMessage({ kind: 'ready', info: { engine: 'e', device: 'd', version: 'v' } });`,
    )}`,
  );

describe('a score worker', () => {
  for (const [how, then, why] of [
    ['ends', 'process.exit(3)', /ended unexpectedly/],
    ['throws where nothing catches', "throw new Error('out of luck')", /ended unexpectedly: out of luck/],
  ] as const) {
    it(`that ${how} rejects its strip, and whatever comes after`, async () => {
      const thread = await ScoreThread.start(entry(then), DATA);
      const [job] = jobsOf(terrain(64, 64, 1), null, 1);
      const crashed = thread.scoreStrip(job!);
      await expect(crashed).rejects.toThrow(OperationalError);
      await expect(crashed).rejects.toThrow(why);
      await thread.idle();
      expect(thread.alive).toBe(false);
      await expect(thread.scoreStrip(jobsOf(terrain(64, 64, 1), null, 1)[0]!)).rejects.toThrow(
        OperationalError,
      );
      await thread.close();
    });
  }

  it('that ends before it is ready is an error of the start', async () => {
    const dying = new URL(`data:text/javascript,${encodeURIComponent('process.exit(1)')}`);
    await expect(ScoreThread.start(dying, DATA)).rejects.toThrow(/ended unexpectedly/);
  });
});
