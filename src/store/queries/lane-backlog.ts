import type { Lane } from '../../domain/scan.js';
import type { Queryable } from '../database.js';
import { WHOLE_FRAME_PIXELS } from '../../domain/whole-frame.js';

/** Pixels that wait in each lane to be scanned. Images whose size the archive does not tell count as whole strips. */
export async function laneBacklog(db: Queryable, modelId: string): Promise<Record<Lane, number>> {
  const rows = await db.query<{ lane: Lane; pixels: number }>(
    `SELECT lane, sum(coalesce(lines::double precision * samples, $2)) AS pixels
     FROM selenoscan_data.scan JOIN selenoscan_data.product ON product.id = product_pk
     WHERE model_id = $1 AND state IN ('queued', 'claimed') GROUP BY lane`,
    [modelId, WHOLE_FRAME_PIXELS],
  );
  const pixels = { live: 0, backfill: 0 };
  for (const row of rows) pixels[row.lane] = row.pixels;
  return pixels;
}
