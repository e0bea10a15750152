import type { SiteEvent } from '../../domain/site.js';
import { MATCHES, facts, matchesStatus } from '../alert-match.js';
import type { Queryable } from '../database.js';

/**
 * Of the detections that joined a site those that may alert: made by the first scan of their image, in the live
 * lane (`scan.alerting_at`), and in a build of the sites for the first time.
 */
const QUEUE = `
  WITH joined AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[])
      AS joined(detection_pk, site_id, status, changed)
  ), fresh AS (
    INSERT INTO selenoscan_data.alert_site_build (detection_pk)
    SELECT DISTINCT made.id
    FROM joined JOIN selenoscan_data.detection made ON made.id = joined.detection_pk
    WHERE EXISTS (
      SELECT FROM selenoscan_data.scan
      WHERE scan.image_id = made.image_id AND scan.model_id = made.model_id AND scan.alerting_at = made.created_at)
    ON CONFLICT (detection_pk) DO NOTHING
    RETURNING detection_pk
  )
  INSERT INTO selenoscan_data.alert_delivery (rule_id, detection_pk, idempotency_key, payload)
  SELECT r.id, d.id, md5(r.id || '/' || made.detection_id)::uuid, ${facts('joined.site_id', 'joined.status', 'joined.changed')}
  FROM fresh
  JOIN joined USING (detection_pk)
  JOIN selenoscan_data.detection made ON made.id = fresh.detection_pk
  JOIN selenoscan_data.scan ON scan.id = made.scan_id
  JOIN selenoscan_data.product ON product.id = scan.product_pk
  JOIN selenoscan_data.alert_rule r ON r.enabled AND r.on_status AND product.discovered_at >= now() - r.max_age
  JOIN selenoscan.detections d ON d.id = fresh.detection_pk
  WHERE ${matchesStatus('joined.status', 'joined.changed')} AND ${MATCHES}
  ORDER BY r.id, d.score DESC
  ON CONFLICT (idempotency_key) DO NOTHING
  RETURNING id`;

/**
 * Queues the alerts that follow from a build of the sites, for rules that ask for a site's status; called in the
 * transaction of the builder.
 *
 * @returns alerts that were queued
 */
export async function queueSiteAlerts(tx: Queryable, events: readonly SiteEvent[]): Promise<number> {
  const joined = events.flatMap((event) => event.joined.map((detection) => ({ detection, event })));
  if (joined.length === 0) return 0;
  const rows = await tx.query(QUEUE, [
    joined.map(({ detection }) => detection),
    joined.map(({ event }) => event.siteId),
    joined.map(({ event }) => event.status),
    joined.map(({ event }) => event.changed),
  ]);
  return rows.length;
}
