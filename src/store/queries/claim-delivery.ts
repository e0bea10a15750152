import type { Queryable } from '../database.js';

/** One message that is ours to send until its lease ends. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly rule_id: number;
  readonly kind: 'alert' | 'digest';
  readonly idempotency_key: string;
  readonly payload: Record<string, unknown>;
  /** This one included. */
  readonly attempts: number;
  /** Seconds since it was queued. */
  readonly age_s: number;
}

/** The lease is the time until it is due again: whoever dies while sending leaves it to the next. */
const CLAIM = `
  UPDATE selenoscan_data.alert_delivery claimed
  SET attempts = claimed.attempts + 1, available_at = now() + make_interval(secs => $2)
  WHERE claimed.id = (
    SELECT id FROM selenoscan_data.alert_delivery
    WHERE state = 'pending' AND rule_id = ANY ($1::bigint[]) AND available_at <= now()
    ORDER BY available_at, id LIMIT 1
    FOR UPDATE SKIP LOCKED)
  RETURNING id, rule_id, kind, idempotency_key, payload, attempts,
    extract(epoch FROM now() - created_at)::double precision AS age_s`;

/** Takes the message of some rules that is due longest, or null where none is. */
export async function claimDelivery(
  db: Queryable,
  ruleIds: readonly number[],
  leaseS: number,
): Promise<ClaimedDelivery | null> {
  const [row] = await db.query<ClaimedDelivery>(CLAIM, [ruleIds, leaseS]);
  return row ?? null;
}
