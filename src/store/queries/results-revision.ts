import type { Queryable } from '../database.js';

/**
 * A word that changes when a scan was committed, another model activated or scores were
 * calibrated anew. Commits can become visible out of
 * the order of their times, so that the latest time alone would miss some: those of the last hour are counted.
 */
export async function resultsRevision(db: Queryable): Promise<string> {
  const [row] = await db.query<{ revision: string }>(
    `SELECT concat_ws('-', extract(epoch FROM latest.at),
       (SELECT count(*) FROM selenoscan_data.scan WHERE finished_at > latest.at - interval '1 hour'),
       (SELECT extract(epoch FROM max(activated_at)) FROM selenoscan_data.model WHERE active),
       (SELECT extract(epoch FROM updated_at) FROM selenoscan_data.setting WHERE key = 'scores.version')) AS revision
     FROM (SELECT max(finished_at) AS at FROM selenoscan_data.scan WHERE finished_at IS NOT NULL) latest`,
  );
  return row?.revision ?? '';
}
