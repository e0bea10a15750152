import type { Queryable } from '../database.js';

/** One alert that matched and is not decided on. */
export interface MatchedRow {
  readonly id: number;
  readonly rule_id: number;
  readonly payload: Record<string, unknown>;
}

/** How many are planned in one transaction. */
const BATCH = 2000;

const MATCHED = `
  SELECT a.id, a.rule_id, a.payload
  FROM selenoscan_data.alert_delivery a JOIN selenoscan_data.alert_rule r ON r.id = a.rule_id
  WHERE a.state = 'matched' AND r.enabled ORDER BY a.id LIMIT ${BATCH}`;

/** Alerts of enabled rules that wait for a decision, the oldest first. */
export async function matchedAlerts(tx: Queryable): Promise<MatchedRow[]> {
  return tx.query<MatchedRow>(MATCHED);
}

export interface PlannedRow {
  readonly planned_at: Date;
  readonly state: string;
  readonly payload: Record<string, unknown>;
}

/** Alerts of a rule that were decided on within so many seconds, apart from the suppressed. */
export async function plannedAlerts(tx: Queryable, ruleId: number, seconds: number): Promise<PlannedRow[]> {
  return tx.query<PlannedRow>(
    `SELECT planned_at, state, payload FROM selenoscan_data.alert_delivery
     WHERE rule_id = $1 AND kind = 'alert' AND planned_at > now() - make_interval(secs => $2)
       AND state NOT IN ('matched', 'suppressed')`,
    [ruleId, seconds],
  );
}

/** Writes down what was decided; the time is that of the transaction. */
export async function decideAlerts(
  tx: Queryable,
  decisions: readonly { readonly id: number; readonly state: 'pending' | 'held' | 'suppressed' }[],
): Promise<void> {
  await tx.query(
    `UPDATE selenoscan_data.alert_delivery a
     SET state = decided.state, planned_at = now(), available_at = now()
     FROM unnest($1::bigint[], $2::text[]) AS decided(id, state) WHERE a.id = decided.id`,
    [decisions.map(({ id }) => id), decisions.map(({ state }) => state)],
  );
}

/** Time of the database, by which all alerts are planned. */
export async function databaseNow(tx: Queryable): Promise<Date> {
  const [row] = await tx.query<{ now: Date }>('SELECT now() AS now');
  return row?.now ?? new Date();
}
