import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { trialRates } from '../../src/cli/trial-rates.js';
import { configSchema } from '../../src/config/schema.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import type { ScorePool } from '../../src/scoring/score-pool.js';
import { emptyParts, type StripJob } from '../../src/scoring/strip-job.js';
import { scanOptions } from '../../src/pipeline/scan-options.js';
import { STARTER } from '../support/starter.js';

it('the pace of several threads is that of all their strips together', async () => {
  let scored = 0;
  const rows = new Set<number>();
  const pool = {
    info: { engine: 'none', device: 'cpu', version: '0' },
    screens: { vae: false, net: false },
    workers: 3,
    scoreStrip: async ({ plan, grid }: StripJob) => {
      await sleep(20);
      const count = (plan.rowTo - plan.rowFrom) * grid.xs.length;
      scored += count;
      rows.add(plan.rowTo - plan.rowFrom);
      return { ...emptyParts(count), grey: null };
    },
  } as unknown as ScorePool;
  const model = await loadModelFolder(STARTER);
  const options = scanOptions(configSchema.parse({ scoring: { strip_rows: 3 } }), 64, 'cascade');
  const area = 64 * 64;
  const reference = { count: 1, pixels: new Uint8Array(area).fill(90), valid: new Uint8Array(area).fill(1) };
  const started = performance.now();
  const { exact, mode } = await trialRates({ model, pool, options }, reference, 300);
  const seconds = (performance.now() - started) / 1000;
  // Half of the time is spent in fp32, half in the mode; the making of the strips is not counted.
  expect(((exact + mode) / 2) * seconds).toBeGreaterThan(0.8 * scored);
  expect([...rows]).toEqual([2, 3]);
});
