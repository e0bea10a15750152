import type { Queryable } from '../database.js';

/** Names of the views of the schema `selenoscan`. */
export async function listViews(db: Queryable): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>(
    `SELECT viewname AS name FROM pg_views WHERE schemaname = 'selenoscan' ORDER BY 1`,
  );
  return new Set(rows.map(({ name }) => name));
}
