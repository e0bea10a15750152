import type { Queryable } from '../database.js';

/** Tiles that the current scan of a product scored, masked ones left out; 0 where there is none. */
export async function scannedTiles(db: Queryable, productId: string): Promise<number> {
  const [row] = await db.query<{ scored: number | null }>(
    `SELECT (scan.masked ->> 'scored')::integer AS scored
     FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = scan.product_pk
     WHERE product.product_id = $1 AND scan.is_current`,
    [productId],
  );
  return row?.scored ?? 0;
}
