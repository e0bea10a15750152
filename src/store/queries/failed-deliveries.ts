import type { Queryable } from '../database.js';

/** A message that was given up. */
export interface FailedDelivery {
  readonly id: number;
  readonly rule: string;
  readonly kind: string;
  readonly idempotency_key: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly created_at: Date;
  /** Null for a digest. */
  readonly detection_id: number | null;
}

export async function failedDeliveries(db: Queryable): Promise<FailedDelivery[]> {
  return db.query<FailedDelivery>(
    `SELECT a.id, r.name AS rule, a.kind, a.idempotency_key, a.attempts, a.error, a.created_at,
       (a.payload ->> 'id')::bigint AS detection_id
     FROM selenoscan_data.alert_delivery a JOIN selenoscan_data.alert_rule r ON r.id = a.rule_id
     WHERE a.state = 'failed' ORDER BY a.id`,
  );
}

/**
 * Makes what was given up due again, with all its attempts; receivers know it by the same key.
 *
 * @returns how many
 */
export async function requeueFailed(db: Queryable): Promise<number> {
  const rows = await db.query(
    `UPDATE selenoscan_data.alert_delivery
     SET state = 'pending', attempts = 0, available_at = now(), created_at = now()
     WHERE state = 'failed' RETURNING id`,
  );
  return rows.length;
}
