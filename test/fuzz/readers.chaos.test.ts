import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { record } from '../chaos/support/record.js';
import { createFuzzer, type Fuzzer } from './support/harness.js';
import { TARGETS } from './targets/all.js';

const RUNS = Number(process.env['SELENOSCAN_FUZZ_RUNS'] ?? 100_000);
/** Those of the short form are others. */
const FIRST = 1_000_000;

let fuzzer: Fuzzer;
beforeAll(async () => {
  fuzzer = await createFuzzer();
});
afterAll(() => fuzzer.remove());

describe.concurrent('damaged input, at length', () => {
  it.each(TARGETS)('$what', async ({ name, what }) => {
    const { findings, done, accepted, refused, peakMB, slowestMs } = await fuzzer.run(name, RUNS, FIRST);
    expect(findings.map(({ seed, what }) => `input ${seed}: ${what}`)).toEqual([]);
    expect(done).toBe(RUNS);
    expect(accepted).toBeGreaterThan(RUNS / 100);
    const counts = `${accepted.toLocaleString('en')} read, ${refused.toLocaleString('en')} refused`;
    record({
      name: `20-fuzz-${name}`,
      done: `${what}: bytes, values and structure damaged at random`,
      times: `${done.toLocaleString('en')} inputs`,
      lost: `nothing: ${counts} in a sentence, no crash or hang (at most ${slowestMs} ms, ${peakMB} MB)`,
      command: 'npm run test:chaos -- fuzz',
    });
  });
});
