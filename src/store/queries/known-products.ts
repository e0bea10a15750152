import type { Queryable } from '../database.js';

/** Which of these product ids were announced before, in whatever version. */
export async function knownProducts(db: Queryable, productIds: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ product_id: string }>(
    'SELECT DISTINCT product_id FROM selenoscan_data.product WHERE product_id = ANY ($1)',
    [productIds],
  );
  return new Set(rows.map(({ product_id }) => product_id));
}
