import { defineConfig } from 'vitest/config';

/** What GIS users see: in real QGIS and GDAL, against a throwaway PostGIS. Pictures go to docs/gis/. */
export default defineConfig({
  test: {
    include: ['test/gis/**/*.gis.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts', 'test/support/kernels-setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
