import type { Product } from '../../domain/product.js';
import type { Lane } from '../../domain/scan.js';
import type { Queryable } from '../database.js';
import { PRODUCT_COLUMNS, fromProductRow } from '../product-row.js';
import type { ProductRow } from '../product-row.js';

/** A scan that is ours until its lease ends. The token proves it in every later query. */
export interface ClaimedScan {
  readonly scanId: number;
  readonly leaseToken: string;
  readonly lane: Lane;
  readonly modelId: string;
  /** This one included. */
  readonly attempts: number;
  readonly product: Product;
  /** When an archive first told of the product. */
  readonly announcedAt: Date;
}

export interface ClaimOptions {
  readonly modelId: string;
  /** Who claims, for people who look at the queue. */
  readonly worker: string;
  readonly leaseSeconds: number;
  /** A scan that was claimed as often as this and never came to an end fails. */
  readonly maxAttempts: number;
  /** Lanes to take from, the first before the second. Default: live, then backfill. */
  readonly lanes?: readonly Lane[];
}

/**
 * Takes the scan that waits longest. One that was claimed and left too often, as by workers that it kills,
 * fails instead.
 */
const CLAIM = `
  WITH next AS (
    SELECT id, state = 'claimed' AND attempts >= $5 AS exhausted FROM selenoscan_data.scan
    WHERE model_id = $1 AND state IN ('queued', 'claimed', 'missing') AND lane = $4 AND available_at <= now()
    ORDER BY available_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE selenoscan_data.scan
    SET state = CASE WHEN exhausted THEN 'failed' ELSE 'claimed' END, state_since = now(),
      lease_token = CASE WHEN exhausted THEN NULL ELSE gen_random_uuid() END,
      worker = CASE WHEN exhausted THEN NULL ELSE $2 END,
      available_at = now() + make_interval(secs => $3),
      attempts = CASE WHEN exhausted THEN attempts ELSE attempts + 1 END,
      error_code = CASE WHEN exhausted THEN 'attempts' ELSE error_code END,
      error = CASE WHEN exhausted THEN 'The scan was begun ' || attempts || ' times and never came to an end.' ELSE error END
    FROM next WHERE scan.id = next.id
    RETURNING scan.id AS scan_id, scan.product_pk, scan.lease_token, scan.lane, scan.model_id, scan.attempts
  )
  SELECT taken.scan_id, taken.lease_token, taken.lane, taken.model_id, taken.attempts,
    product.discovered_at, ${Object.keys(PRODUCT_COLUMNS)
      .map((name) => `product."${name}"`)
      .join(', ')}
  FROM taken JOIN selenoscan_data.product ON product.id = taken.product_pk`;

type ClaimRow = ProductRow & {
  scan_id: number;
  /** Null where it failed. */
  lease_token: string | null;
  lane: Lane;
  model_id: string;
  attempts: number;
  discovered_at: Date;
};

/** Takes the next scan of a model, or null when none is ready. No two workers get the same. */
export async function claimScan(db: Queryable, options: ClaimOptions): Promise<ClaimedScan | null> {
  const { modelId, worker, leaseSeconds, maxAttempts, lanes = ['live', 'backfill'] } = options;
  for (const lane of lanes) {
    for (;;) {
      const [row] = await db.query<ClaimRow>(CLAIM, [modelId, worker, leaseSeconds, lane, maxAttempts]);
      if (row === undefined) break;
      if (row.lease_token !== null) return toClaim(row, row.lease_token);
    }
  }
  return null;
}

function toClaim(row: ClaimRow, leaseToken: string): ClaimedScan {
  return {
    scanId: row.scan_id,
    leaseToken,
    lane: row.lane,
    modelId: row.model_id,
    attempts: row.attempts,
    product: fromProductRow(row),
    announcedAt: row.discovered_at,
  };
}
