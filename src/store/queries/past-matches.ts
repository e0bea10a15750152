import { MATCHES, facts, matchesStatus } from '../alert-match.js';
import type { Queryable } from '../database.js';

/** A past detection that a rule matches, and when its scan was committed. */
export interface PastMatch {
  readonly scanned_at: Date;
  readonly payload: Record<string, unknown>;
}

const PAST = `
  WITH r AS (SELECT $1::jsonb AS filter, $2::text::geometry AS area)
  SELECT d.scanned_at, ${facts('d.site_id', 'd.site_status', 'NULL::boolean')} AS payload
  FROM selenoscan.detections d, r
  WHERE d.scanned_at >= $3 AND d.scanned_at < $4 AND ${matchesStatus('d.site_status', 'false')} AND ${MATCHES}
  ORDER BY d.scanned_at, d.score DESC, d.id
  LIMIT $5`;

/**
 * Current detections of scans that were committed within a time and that a rule matches, in order of the commits.
 * For the status of a site, what is known of it today counts.
 *
 * @param area EWKT as `prepareRuleArea` makes it, or null
 */
export async function pastMatches(
  db: Queryable,
  rule: { readonly filter: object; readonly area: string | null },
  time: { readonly since: Date; readonly until: Date },
  limit: number,
): Promise<PastMatch[]> {
  return db.query<PastMatch>(PAST, [JSON.stringify(rule.filter), rule.area, time.since, time.until, limit]);
}
