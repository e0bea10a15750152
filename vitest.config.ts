import { defineConfig } from 'vitest/config';
import LongRoomsFirst from './test/support/sequencer.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/peers/**', 'test/gis/**', 'test/**/*.chaos.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts', 'test/support/kernels-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongRoomsFirst },
  },
});
