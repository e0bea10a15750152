import { defineConfig } from 'vitest/config';

/** Comparisons with independent implementations: slow, and they fetch their peers from package registries. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.peer.test.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
