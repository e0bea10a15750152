import { defineConfig } from 'vitest/config';

/** What is done to the whole product for minutes on end: kills, faults, cut networks. */
export default defineConfig({
  test: {
    include: ['test/**/*.chaos.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts', 'test/support/kernels-setup.ts'],
    testTimeout: 5_400_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
