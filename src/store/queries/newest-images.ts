import type { Queryable } from '../database.js';

/** When the newest image was taken of those that the archive told of, and of those that were scanned; null = none. */
export type NewestImages = Readonly<Record<'seen' | 'scanned', Date | null>>;

export async function newestImages(db: Queryable, modelId: string): Promise<NewestImages> {
  const [row] = await db.query<NewestImages>(
    `SELECT
       (SELECT start_time FROM selenoscan_data.product ORDER BY start_time DESC LIMIT 1) AS seen,
       (SELECT start_time FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
        WHERE model_id = $1 AND scan.finished_at IS NOT NULL ORDER BY start_time DESC LIMIT 1) AS scanned`,
    [modelId],
  );
  return row ?? { seen: null, scanned: null };
}
