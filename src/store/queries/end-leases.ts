import type { Queryable } from '../database.js';

/**
 * Ends every lease on scans and archive hosts, for the one process that has the database to itself: whoever
 * held them is gone. What was claimed so keeps its count of attempts, so that a scan that kills its worker
 * comes to an end.
 */
export async function endLeases(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE selenoscan_data.scan SET available_at = now() WHERE state = 'claimed' AND available_at > now()`,
  );
  await db.query(
    `UPDATE selenoscan_data.fetch_slot SET available_at = now(), token = NULL, holder = NULL WHERE token IS NOT NULL`,
  );
}
