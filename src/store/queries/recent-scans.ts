import type { PacedScan } from '../../domain/capacity.js';
import type { Queryable } from '../database.js';

/** Scans that a deployment's speed is measured on: the newest ones of the last week. */
const NEWEST = 200;

/** The newest scans of a model, of at most a week. */
export function recentScans(db: Queryable, modelId: string): Promise<PacedScan[]> {
  return db.query<{ finishedAt: Date; seconds: number; pixels: number; bytes: number | null }>(
    `SELECT finished_at AS "finishedAt", seconds, lines::double precision * samples AS pixels,
       source_bytes::double precision AS bytes
     FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
     WHERE finished_at > now() - interval '7 days' AND model_id = $1 AND seconds IS NOT NULL
     ORDER BY finished_at DESC LIMIT ${NEWEST}`,
    [modelId],
  );
}
