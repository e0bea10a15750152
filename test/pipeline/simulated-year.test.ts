import { describe, expect, it } from 'vitest';
import { emptiedEmbedded } from '../support/embedded.js';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { growthOf, pollYear } from './simulated-year-support.js';

/** What a poller may grow by in ten months, of 64,000 products: resident, a quarter of a kilobyte each. */
const MAX_GROWTH_MB = { heap: 4, resident: 16 };

describeWithPostgres('a year of monthly releases of 8,000 rows, on PostGIS', () => {
  it('is discovered in bounded memory, no product twice, by two small requests when nothing is new', async () => {
    const { db } = await createTestDatabase();
    const grown = growthOf(await pollYear(db, 8000));
    expect(grown.heap).toBeLessThan(MAX_GROWTH_MB.heap);
    expect(grown.resident).toBeLessThan(MAX_GROWTH_MB.resident);
  }, 300_000);
});

/** Fewer rows: the engine takes seconds to start and is slower, and its memory, which is this process's, holds the data. */
describe('a year of monthly releases of 1,000 rows, embedded', () => {
  it('is discovered, no product twice, by two small requests when nothing is new', async () => {
    await pollYear(await emptiedEmbedded(), 1000);
  }, 300_000);
});
