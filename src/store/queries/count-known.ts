import type { Product } from '../../domain/product.js';
import type { Queryable } from '../database.js';

/** How many of these product versions a model has scans of already, in whatever state. Ask with about 1000. */
export async function countKnown(
  db: Queryable,
  modelId: string,
  products: readonly Pick<Product, 'productId' | 'version' | 'rowHash'>[],
): Promise<number> {
  const records = products.map(({ productId, version, rowHash }) => ({
    product_id: productId,
    version,
    row_hash: rowHash,
  }));
  const [row] = await db.query<{ known: number }>(
    `SELECT count(*) AS known
     FROM jsonb_to_recordset($1::jsonb) AS record(product_id text, version text, row_hash text)
     JOIN selenoscan_data.product USING (product_id, version, row_hash)
     JOIN selenoscan_data.scan ON scan.product_pk = product.id AND scan.model_id = $2`,
    [JSON.stringify(records), modelId],
  );
  return row?.known ?? 0;
}
