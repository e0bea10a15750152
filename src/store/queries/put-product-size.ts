import type { Queryable } from '../database.js';

/** Keeps the size of an image that only the image itself could tell. */
export async function putProductSize(
  db: Queryable,
  product: { readonly productId: string; readonly version: string; readonly rowHash: string },
  size: { readonly lines: number; readonly samples: number },
): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.product SET lines = $4, samples = $5
     WHERE product_id = $1 AND version = $2 AND row_hash = $3 AND lines IS NULL`,
    [product.productId, product.version, product.rowHash, size.lines, size.samples],
  );
}
