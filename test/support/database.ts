import { describe } from 'vitest';
import type { Database } from '../../src/store/database.js';
import { emptiedEmbedded } from './embedded.js';
import { createTestDatabase, describeWithPostgres } from './postgres.js';

/** Gives a database that holds nothing but the schema, or not even that; it is closed for the test. */
export type CreateDatabase = (options?: { empty?: boolean }) => Promise<Database>;

/**
 * `describe` for tests that hold on every database: once on PostgreSQL with PostGIS, where it is installed,
 * and once on the embedded one. There a new database takes the place of the one before it.
 */
export function describeWithDatabase(name: string, define: (createDatabase: CreateDatabase) => void): void {
  describeWithPostgres(`${name}, on PostGIS`, () =>
    define(async (options) => (await createTestDatabase(options)).db),
  );
  describe(`${name}, embedded`, () => define(emptiedEmbedded));
}
