import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inStage, Waits } from '../../src/pipeline/stages.js';
import { timedScorer } from '../../src/scoring/timed-scorer.js';
import { tallyScorer } from './support.js';

describe('where the time goes', () => {
  it('in the networks is counted for scores and not for explanations, and only of what an engine has', async () => {
    const plain = tallyScorer();
    const slow = timedScorer({
      ...plain,
      score: async (batch) => (await sleep(30), plain.score(batch)),
      explain: async (batch) => (await sleep(30), { ...(await plain.score(batch)), mu: new Float32Array(1) }),
    });
    expect(slow.screen).toBeUndefined();
    expect(slow.hardware).toBeDefined();
    const batch = { count: 1, pixels: new Uint8Array(4096), valid: new Uint8Array(4096).fill(1) };
    await slow.explain(batch);
    expect(slow.networkSeconds()).toBe(0);
    await slow.score(batch);
    expect(slow.networkSeconds()).toBeGreaterThan(0.02);
  });

  it('in a stage is told also where its work fails', async () => {
    const told: string[] = [];
    const fails = inStage(
      'merge',
      (stage) => told.push(stage),
      () => Promise.reject(new Error('no')),
    );
    await expect(fails).rejects.toThrow('no');
    expect(told).toEqual(['merge']);
  });

  it('waiting for items counts, working on them does not, and the source is ended with its taker', async () => {
    let ended = false;
    async function* source(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          await sleep(20);
          yield i;
        }
      } finally {
        ended = true;
      }
    }
    const waits = new Waits();
    const started = performance.now();
    for await (const i of waits.on(source())) {
      await sleep(40);
      if (i === 1) break;
    }
    expect(ended).toBe(true);
    expect(waits.seconds).toBeGreaterThan(0.03);
    expect(waits.seconds).toBeLessThan((performance.now() - started) / 1000 - 0.07);
  });
});
