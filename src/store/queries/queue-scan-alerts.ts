import { MATCHES, facts } from '../alert-match.js';
import type { Queryable } from '../database.js';

/**
 * Marks a scan whose detections may alert: the first of its image that came to an end, whatever the model and the
 * version, in the live lane; but for one that ended after another model became the active one, whose detections nobody
 * sees. It was committed by this transaction, so that its time is that of the transaction.
 */
const MARK = `
  UPDATE selenoscan_data.scan SET alerting_at = now()
  WHERE id = $1 AND is_current AND lane = 'live' AND first_scanned_at = now() AND NOT EXISTS (
    SELECT FROM selenoscan_data.scan earlier
    WHERE earlier.image_id = scan.image_id AND earlier.id <> scan.id AND earlier.first_scanned_at IS NOT NULL
      AND (earlier.alerting_at IS NOT NULL OR earlier.lane <> 'live'))
  RETURNING id`;

const QUEUE = `
  INSERT INTO selenoscan_data.alert_delivery (rule_id, detection_pk, idempotency_key, payload)
  SELECT r.id, d.id, md5(r.id || '/' || made.detection_id)::uuid, ${facts('d.site_id', 'd.site_status', 'NULL::boolean')}
  FROM selenoscan_data.scan
  JOIN selenoscan_data.product ON product.id = scan.product_pk
  JOIN selenoscan_data.alert_rule r ON r.enabled AND NOT r.on_status AND product.discovered_at >= now() - r.max_age
  JOIN selenoscan_data.detection made ON made.scan_id = scan.id
  JOIN selenoscan.detections d ON d.id = made.id
  WHERE scan.id = $1 AND ${MATCHES}
  ORDER BY r.id, d.score DESC
  ON CONFLICT (idempotency_key) DO NOTHING
  RETURNING id`;

/**
 * Queues the alerts of a scan, for rules that do not ask for the status of a site; called in the transaction that
 * commits it, after its result was written. A backfill and a re-scan alert nobody; a live image that failed at first
 * does once it is scanned.
 *
 * @returns alerts that were queued
 */
export async function queueScanAlerts(tx: Queryable, scanId: number): Promise<number> {
  const marked = await tx.query(MARK, [scanId]);
  return marked.length === 0 ? 0 : (await tx.query(QUEUE, [scanId])).length;
}
