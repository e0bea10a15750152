import type { Queryable } from '../database.js';
import type { Lease } from './renew-lease.js';

/**
 * Gives a claimed scan back unharmed, as at shutdown: it does not count as an attempt, and is the next of its lane.
 * False where it is not ours.
 */
export async function releaseScan(db: Queryable, lease: Lease): Promise<boolean> {
  const rows = await db.query(
    `UPDATE selenoscan_data.scan ours
     SET state = 'queued', state_since = now(), attempts = attempts - 1, lease_token = NULL, worker = NULL,
       available_at = least(now(), (
         SELECT waiting.available_at - interval '1 millisecond' FROM selenoscan_data.scan waiting
         WHERE waiting.model_id = ours.model_id AND waiting.lane = ours.lane
           AND waiting.state IN ('queued', 'missing')
         ORDER BY waiting.available_at LIMIT 1))
     WHERE id = $1 AND lease_token = $2 RETURNING id`,
    [lease.scanId, lease.leaseToken],
  );
  return rows.length === 1;
}
