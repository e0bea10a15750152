import type { Queryable } from '../database.js';

/** A rule with what became of its alerts. `filter`, `target` and `policy` mean what the room `alerts` says. */
export interface RuleRow {
  readonly id: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly filter: Record<string, unknown>;
  readonly channel: string;
  readonly target: Record<string, unknown>;
  readonly policy: Record<string, unknown>;
  readonly max_age_s: number;
  /** EWKT, split at 180 degrees; null = anywhere. */
  readonly area: string | null;
  readonly area_km2: number | null;
  readonly created_at: Date;
}

const LIST = `
  SELECT id, name, enabled, filter, channel, target, policy, extract(epoch FROM max_age)::double precision AS max_age_s,
    ST_AsEWKT(area, 15) AS area, moon_area(area) / 1e6 AS area_km2, created_at
  FROM selenoscan_data.alert_rule ORDER BY id`;

export async function listAlertRules(db: Queryable): Promise<RuleRow[]> {
  return db.query<RuleRow>(LIST);
}

const COUNTS = `
  SELECT rule_id, state, count(*) AS count FROM selenoscan_data.alert_delivery GROUP BY rule_id, state`;

/** Alerts of each rule by state. */
export async function countAlerts(db: Queryable): Promise<Map<number, Record<string, number>>> {
  const counts = new Map<number, Record<string, number>>();
  for (const row of await db.query<{ rule_id: number; state: string; count: number }>(COUNTS))
    counts.set(row.rule_id, { ...counts.get(row.rule_id), [row.state]: row.count });
  return counts;
}
