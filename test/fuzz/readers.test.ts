import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFuzzer, type Fuzzer } from './support/harness.js';
import { TARGETS } from './targets/all.js';

/** Inputs of each reader; `npm run test:chaos -- fuzz` gives each a hundred thousand. */
const RUNS = Number(process.env['SELENOSCAN_FUZZ_RUNS'] ?? 200);

let fuzzer: Fuzzer;
beforeAll(async () => {
  fuzzer = await createFuzzer();
});
afterAll(() => fuzzer.remove());

describe('damaged input is read for what it is or refused in a sentence', () => {
  it.each(TARGETS)('$what', { timeout: 300_000 }, async ({ name }) => {
    const { findings, done, refused } = await fuzzer.run(name, RUNS);
    expect(findings.map(({ seed, what }) => `input ${seed}: ${what}`)).toEqual([]);
    expect(done).toBe(RUNS);
    expect(refused).toBeGreaterThan(0);
  });
});
