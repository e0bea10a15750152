import type { Queryable } from '../database.js';

/**
 * Removes alerts that came to an end so long ago: sent, told in a digest, or held back for good. What waits or failed
 * stays.
 * @returns how many went
 */
export async function pruneDeliveries(db: Queryable, days: number): Promise<number> {
  const rows = await db.query(
    `DELETE FROM selenoscan_data.alert_delivery
     WHERE state IN ('sent', 'bundled', 'suppressed')
       AND coalesce(sent_at, created_at) < now() - make_interval(days => $1)
     RETURNING id`,
    [days],
  );
  return rows.length;
}
