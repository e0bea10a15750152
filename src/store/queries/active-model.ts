import type { Queryable } from '../database.js';

/** Id of the model whose results people see, or null before the first one was activated. */
export async function activeModel(db: Queryable): Promise<string | null> {
  const [row] = await db.query<{ id: string }>('SELECT id FROM selenoscan_data.model WHERE active');
  return row?.id ?? null;
}
