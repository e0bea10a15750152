import type { Lane } from '../../domain/scan.js';
import type { Queryable } from '../database.js';

/** A scan that a worker has in hand. */
export interface ClaimedNow {
  readonly worker: string;
  readonly productId: string;
  readonly lane: Lane;
  readonly since: Date;
  readonly attempts: number;
}

/** The oldest first; at most `limit`. */
export async function claimedScans(db: Queryable, modelId: string, limit: number): Promise<ClaimedNow[]> {
  return db.query(
    `SELECT worker, product_id AS "productId", lane, state_since AS since, attempts
     FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
     WHERE model_id = $1 AND state = 'claimed' ORDER BY state_since, scan.id LIMIT $2`,
    [modelId, limit],
  );
}
