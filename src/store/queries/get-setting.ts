import type { Queryable } from '../database.js';

/** The JSON value kept under a key, or null. */
export async function getSetting(db: Queryable, key: string): Promise<unknown> {
  const [row] = await db.query<{ value: unknown }>(
    'SELECT value FROM selenoscan_data.setting WHERE key = $1',
    [key],
  );
  return row?.value ?? null;
}
