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
  /**
   * How long a scan rests that was left for the second time, as by workers that it kills; doubled each time.
   * Default 0.
   */
  readonly retrySeconds?: number;
  /** Lanes to take from, the first before the second. Default: live, then backfill. */
  readonly lanes?: readonly Lane[];
}

/** Left so often, a scan is suspected of killing its workers. */
const SUSPECT = 2;
/** The longest rest of a suspect, and the longest wait for another one that is in work, seconds. */
const LONGEST_REST_S = 6 * 3600;
const LONGEST_WAIT_S = 3600;

/**
 * Takes a scan whose worker is gone, else the one that waits longest. One that was left again and again rests before
 * it is taken up, and no other such one is in work meanwhile: so it holds up nobody, and the scans that were beside
 * it when it killed their worker come to an end without it. One that was left too often fails.
 */
const CLAIM = `
  WITH left_behind AS (
    SELECT id, attempts >= $5 AS exhausted FROM selenoscan_data.scan
    WHERE model_id = $1 AND state = 'claimed' AND lane = $4 AND available_at <= now()
      AND (attempts < ${SUSPECT} OR attempts >= $5
        OR available_at <= now() - make_interval(secs => least(${LONGEST_REST_S}, $6 * power(2, least(attempts - ${SUSPECT}, 30))))
          AND (available_at <= now() - make_interval(secs => ${LONGEST_WAIT_S}) OR NOT EXISTS (
            SELECT FROM selenoscan_data.scan other
            WHERE other.model_id = $1 AND other.state = 'claimed' AND other.attempts > ${SUSPECT}
              AND other.available_at > now())))
    ORDER BY attempts, available_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  ), waiting AS (
    SELECT id, false AS exhausted FROM selenoscan_data.scan
    WHERE model_id = $1 AND state IN ('queued', 'missing') AND lane = $4 AND available_at <= now()
      AND NOT EXISTS (SELECT FROM left_behind)
    ORDER BY available_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  ), next AS (
    SELECT * FROM left_behind UNION ALL SELECT * FROM waiting
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
  const {
    modelId,
    worker,
    leaseSeconds,
    maxAttempts,
    retrySeconds = 0,
    lanes = ['live', 'backfill'],
  } = options;
  const parameters = (lane: Lane) => [modelId, worker, leaseSeconds, lane, maxAttempts, retrySeconds];
  for (const lane of lanes) {
    for (;;) {
      const [row] = await db.query<ClaimRow>(CLAIM, parameters(lane));
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
