import type { Queryable } from '../database.js';

/** Removes alerts that were sent so long ago; what waits or failed stays. @returns how many went */
export async function pruneDeliveries(db: Queryable, days: number): Promise<number> {
  const rows = await db.query(
    `DELETE FROM selenoscan_data.alert_delivery
     WHERE state = 'sent' AND sent_at < now() - make_interval(days => $1) RETURNING id`,
    [days],
  );
  return rows.length;
}
