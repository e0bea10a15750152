import type { Queryable } from '../database.js';

/** What proves that a scan is ours. */
export interface Lease {
  readonly scanId: number;
  readonly leaseToken: string;
}

/** Holds a claimed scan for so many seconds from now; false where it is no longer ours. */
export async function renewLease(db: Queryable, lease: Lease, leaseSeconds: number): Promise<boolean> {
  const rows = await db.query(
    `UPDATE selenoscan_data.scan SET available_at = now() + make_interval(secs => $3)
     WHERE id = $1 AND lease_token = $2 RETURNING id`,
    [lease.scanId, lease.leaseToken, leaseSeconds],
  );
  return rows.length === 1;
}
