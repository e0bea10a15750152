import type { Lane } from '../../domain/scan.js';
import type { Queryable } from '../database.js';

/** Since when, and why, nothing is claimed from a lane. */
export interface Pause {
  readonly since: Date;
  /** Empty where nobody said. */
  readonly reason: string;
}

/** The lanes that are paused; while both are, the archive is not polled either. */
export type Pauses = Partial<Record<Lane, Pause>>;

export async function readPauses(db: Queryable): Promise<Pauses> {
  const rows = await db.query<{ lane: Lane; reason: string; since: Date }>(
    `SELECT split_part(key, ' ', 2) AS lane, value->>'reason' AS reason, updated_at AS since
     FROM selenoscan_data.setting WHERE key IN ('pause live', 'pause backfill')`,
  );
  return Object.fromEntries(rows.map(({ lane, reason, since }) => [lane, { since, reason }]));
}

/** Pauses lanes for the whole deployment; one that is paused keeps its time and gets the new reason. */
export async function pauseLanes(db: Queryable, lanes: readonly Lane[], reason: string): Promise<void> {
  await db.query(
    `INSERT INTO selenoscan_data.setting AS known (key, value)
     SELECT 'pause ' || lane, jsonb_build_object('reason', $2::text) FROM unnest($1::text[]) AS lane
     ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value`,
    [lanes, reason],
  );
}

/** Gives the lanes that were paused until now. */
export async function resumeLanes(db: Queryable, lanes: readonly Lane[]): Promise<Lane[]> {
  const rows = await db.query<{ lane: Lane }>(
    `DELETE FROM selenoscan_data.setting WHERE key = ANY (SELECT 'pause ' || lane FROM unnest($1::text[]) AS lane)
     RETURNING split_part(key, ' ', 2) AS lane`,
    [lanes],
  );
  return rows.map(({ lane }) => lane);
}
