import type { Queryable } from '../database.js';

/** What waits in the outbox. */
export interface AlertBacklog {
  /** Alerts and digests of enabled rules by state; sent and suppressed ones are left out. */
  readonly states: Readonly<Record<string, number>>;
  /** Seconds since the oldest message that should have gone was queued; 0 = none. */
  readonly oldest_s: number;
}

export async function alertBacklog(db: Queryable): Promise<AlertBacklog> {
  const rows = await db.query<{ state: string; count: number; oldest_s: number }>(
    `SELECT a.state, count(*) AS count,
       coalesce(extract(epoch FROM now() - min(a.created_at)), 0)::double precision AS oldest_s
     FROM selenoscan_data.alert_delivery a JOIN selenoscan_data.alert_rule r ON r.id = a.rule_id
     WHERE a.state IN ('matched', 'pending', 'held', 'failed') AND (r.enabled OR a.state = 'failed')
     GROUP BY a.state`,
  );
  const overdue = rows.filter(({ state }) => state === 'matched' || state === 'pending');
  return {
    states: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
    oldest_s: Math.max(0, ...overdue.map((row) => row.oldest_s)),
  };
}
