import type { Queryable } from '../database.js';

/** Keeps a JSON value under a key; the same value again changes nothing. */
export async function putSetting(db: Queryable, key: string, value: unknown): Promise<void> {
  await db.query(
    `INSERT INTO selenoscan_data.setting AS known (key, value) VALUES ($1, $2)
     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = now()
     WHERE known.value IS DISTINCT FROM EXCLUDED.value`,
    [key, JSON.stringify(value)],
  );
}
