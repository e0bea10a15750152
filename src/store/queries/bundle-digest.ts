import type { Queryable } from '../database.js';

/** When the oldest alert of each enabled rule that waits for a digest was decided on. */
export async function heldSince(tx: Queryable): Promise<{ rule_id: number; since: Date }[]> {
  return tx.query(
    `SELECT a.rule_id, min(a.planned_at) AS since
     FROM selenoscan_data.alert_delivery a JOIN selenoscan_data.alert_rule r ON r.id = a.rule_id
     WHERE a.state = 'held' AND r.enabled GROUP BY a.rule_id`,
  );
}

/** Locked, so that nobody bundles them twice. */
const DUE = `
  WITH due AS (
    SELECT id, payload, planned_at FROM selenoscan_data.alert_delivery
    WHERE rule_id = $1 AND state = 'held' AND planned_at < $2::timestamptz
    FOR UPDATE
  ), digest AS (
    INSERT INTO selenoscan_data.alert_delivery (rule_id, kind, idempotency_key, payload, state, planned_at)
    SELECT $1::bigint, 'digest', md5($1::bigint || '/digest/' || extract(epoch FROM $2::timestamptz))::uuid,
      jsonb_build_object(
        'items', (
          SELECT jsonb_agg(best.payload ORDER BY (best.payload ->> 'score')::double precision DESC, best.id)
          FROM (
            SELECT payload, id FROM due ORDER BY (payload ->> 'score')::double precision DESC, id LIMIT $3
          ) best),
        'count', (SELECT count(*) FROM due), 'since', (SELECT min(planned_at) FROM due), 'until', $2::timestamptz),
      'pending', now()
    WHERE EXISTS (SELECT FROM due)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id
  )
  UPDATE selenoscan_data.alert_delivery a SET state = 'bundled', digest_id = digest.id
  FROM digest, due WHERE a.id = due.id
  RETURNING a.id`;

/**
 * Makes one digest of the alerts of a rule that were held before a moment, its best `top` told one by one.
 *
 * @returns alerts in it
 */
export async function bundleDigest(tx: Queryable, ruleId: number, until: Date, top: number): Promise<number> {
  return (await tx.query(DUE, [ruleId, until, top])).length;
}
