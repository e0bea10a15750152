import { expect, it } from 'vitest';
import { createTestDatabase, describeWithPostgres } from '../support/postgres.js';
import { pollYear } from './simulated-year-support.js';

/** What a poller may grow by in ten months, of 160,000 products or more. */
const MAX_GROWTH_MB = 40;

describeWithPostgres('a year of monthly releases of 20,000 rows, on PostGIS', () => {
  it('is discovered in bounded memory, no product twice, by two small requests when nothing is new', async () => {
    const { db } = await createTestDatabase();
    const { residentMb: months } = await pollYear(db, 20_000);
    console.log(
      `poller after month 2: ${months[1]!.toFixed(0)} MB, after month 12: ${months[11]!.toFixed(0)} MB`,
    );
    expect(months[11]! - months[1]!).toBeLessThan(MAX_GROWTH_MB);
  });
});
