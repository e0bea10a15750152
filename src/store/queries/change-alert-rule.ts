import type { Queryable } from '../database.js';

/** @returns whether there is such a rule */
export async function enableAlertRule(db: Queryable, name: string, enabled: boolean): Promise<boolean> {
  const rows = await db.query(
    'UPDATE selenoscan_data.alert_rule SET enabled = $2 WHERE name = $1 RETURNING id',
    [name, enabled],
  );
  return rows.length > 0;
}

/**
 * Removes a rule with all its alerts, also those that were not sent.
 *
 * @returns whether there was such a rule
 */
export async function removeAlertRule(db: Queryable, name: string): Promise<boolean> {
  return (
    (await db.query('DELETE FROM selenoscan_data.alert_rule WHERE name = $1 RETURNING id', [name])).length > 0
  );
}
