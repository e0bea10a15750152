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
}

export interface ClaimOptions {
  readonly modelId: string;
  /** Who claims, for people who look at the queue. */
  readonly worker: string;
  readonly leaseSeconds: number;
  /** A scan that was claimed as often as this and never came to an end fails. */
  readonly maxAttempts: number;
  /** Lanes to take from; default both, live before backfill. */
  readonly lanes?: readonly Lane[];
}

/** Workers that were killed leave their claims behind: those that did so too often end here. */
const FAIL_EXHAUSTED = `
  UPDATE selenoscan_data.scan
  SET state = 'failed', state_since = now(), lease_token = NULL, worker = NULL,
    error_code = 'attempts', error = 'The scan was begun ' || attempts || ' times and never came to an end.'
  WHERE id IN (
    SELECT id FROM selenoscan_data.scan
    WHERE model_id = $1 AND state = 'claimed' AND available_at <= now() AND attempts >= $2
    FOR UPDATE SKIP LOCKED)`;

const CLAIM = `
  WITH next AS (
    SELECT id FROM selenoscan_data.scan
    WHERE model_id = $1 AND state IN ('queued', 'claimed', 'missing') AND available_at <= now() AND lane = ANY ($4)
    ORDER BY lane DESC, available_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE selenoscan_data.scan
    SET state = 'claimed', state_since = now(), lease_token = gen_random_uuid(), worker = $2,
      available_at = now() + make_interval(secs => $3), attempts = attempts + 1
    FROM next WHERE scan.id = next.id
    RETURNING scan.id AS scan_id, scan.product_pk, scan.lease_token, scan.lane, scan.model_id, scan.attempts
  )
  SELECT claimed.scan_id, claimed.lease_token, claimed.lane, claimed.model_id, claimed.attempts,
    ${Object.keys(PRODUCT_COLUMNS)
      .map((name) => `product."${name}"`)
      .join(', ')}
  FROM claimed JOIN selenoscan_data.product ON product.id = claimed.product_pk`;

type ClaimRow = ProductRow & {
  scan_id: number;
  lease_token: string;
  lane: Lane;
  model_id: string;
  attempts: number;
};

/** Takes the next scan of a model, live before backfill, or null when none is ready. No two workers get the same. */
export async function claimScan(db: Queryable, options: ClaimOptions): Promise<ClaimedScan | null> {
  const { modelId, worker, leaseSeconds, maxAttempts, lanes = ['live', 'backfill'] } = options;
  await db.query(FAIL_EXHAUSTED, [modelId, maxAttempts]);
  const [row] = await db.query<ClaimRow>(CLAIM, [modelId, worker, leaseSeconds, lanes]);
  if (row === undefined) return null;
  return {
    scanId: row.scan_id,
    leaseToken: row.lease_token,
    lane: row.lane,
    modelId: row.model_id,
    attempts: row.attempts,
    product: fromProductRow(row),
  };
}
