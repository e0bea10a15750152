import type { Queryable } from '../database.js';
import type { Lease } from './renew-lease.js';

/** Gives a claimed scan back unharmed, as at shutdown: it does not count as an attempt. False where it is not ours. */
export async function releaseScan(db: Queryable, lease: Lease): Promise<boolean> {
  const rows = await db.query(
    `UPDATE selenoscan_data.scan
     SET state = 'queued', state_since = now(), available_at = now(), attempts = attempts - 1,
       lease_token = NULL, worker = NULL
     WHERE id = $1 AND lease_token = $2 RETURNING id`,
    [lease.scanId, lease.leaseToken],
  );
  return rows.length === 1;
}
