import { expect, it } from 'vitest';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { growthOf, pollYear } from './simulated-year-support.js';

/** What a poller may grow by in ten months, of 160,000 products or more. */
const MAX_GROWTH_MB = { heap: 8, resident: 40 };

describeWithPostgres('a year of monthly releases of 20,000 rows, on PostGIS', () => {
  it('is discovered in bounded memory, no product twice, by two small requests when nothing is new', async () => {
    const { db } = await createTestDatabase();
    const grown = growthOf(await pollYear(db, 20_000));
    console.log(
      `poller in ten months: heap ${grown.heap.toFixed(1)} MB, resident ${grown.resident.toFixed(1)} MB`,
    );
    expect(grown.heap).toBeLessThan(MAX_GROWTH_MB.heap);
    expect(grown.resident).toBeLessThan(MAX_GROWTH_MB.resident);
  });
});
