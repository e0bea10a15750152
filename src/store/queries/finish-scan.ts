import type { ScanState } from '../../domain/scan.js';
import type { Queryable } from '../database.js';
import type { Lease } from './renew-lease.js';

/** How a scan ended that gave no result. `reason` is the one sentence that people read. */
export type ScanEnding =
  | { readonly state: 'invalid' | 'skipped' | 'failed'; readonly code: string; readonly reason: string }
  /** The archive does not have it yet: asked again after a while, however often. */
  | {
      readonly state: 'missing';
      readonly code: string;
      readonly reason: string;
      readonly retryInSeconds: number;
    }
  /** Passing trouble: queued again, or failed when this was the last attempt. */
  | {
      readonly state: 'queued';
      readonly code: string;
      readonly reason: string;
      readonly retryInSeconds: number;
      /** Null where it is no fault of the scan's, so that the attempt does not count. */
      readonly maxAttempts: number | null;
    };

/** Ends a claimed scan without a result. Gives the state it now has, or null where it is no longer ours. */
export async function finishScan(db: Queryable, lease: Lease, ending: ScanEnding): Promise<ScanState | null> {
  const wait = 'retryInSeconds' in ending ? ending.retryInSeconds : 0;
  const maxAttempts = ending.state === 'queued' ? ending.maxAttempts : null;
  const counts = ending.state !== 'queued' || maxAttempts !== null;
  const [row] = await db.query<{ state: ScanState }>(
    `UPDATE selenoscan_data.scan
     SET state = CASE WHEN attempts >= $6 THEN 'failed' ELSE $3 END,
       state_since = now(), available_at = now() + make_interval(secs => $7),
       attempts = CASE WHEN $3 = 'missing' THEN 0 WHEN $8 THEN attempts ELSE attempts - 1 END,
       error_code = $4, error = $5, lease_token = NULL, worker = NULL
     WHERE id = $1 AND lease_token = $2 RETURNING state`,
    [lease.scanId, lease.leaseToken, ending.state, ending.code, ending.reason, maxAttempts, wait, counts],
  );
  return row?.state ?? null;
}
