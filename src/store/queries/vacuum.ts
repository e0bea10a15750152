import type { Queryable } from '../database.js';

export interface TableSize {
  readonly table: string;
  /** On disk. */
  readonly bytes: number;
  /** Whether this user may vacuum it: its owner and that of the database may; for others PostgreSQL does nothing. */
  readonly ours: boolean;
}

/** Tables of this program, the largest first. */
export async function tableSizes(db: Queryable): Promise<TableSize[]> {
  return db.query<TableSize>(
    `SELECT relname AS "table", pg_total_relation_size(oid) AS bytes,
       pg_has_role(relowner, 'USAGE') OR EXISTS (
         SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')) AS ours
     FROM pg_class
     WHERE relnamespace = 'selenoscan_data'::regnamespace AND relkind IN ('r', 'p')
     ORDER BY bytes DESC, relname`,
  );
}

/** Frees the room of what was deleted in one table, and learns anew how its values are distributed. */
export async function vacuumTable(db: Queryable, table: string): Promise<void> {
  if (!/^[a-z_]+$/.test(table)) throw new RangeError(`${table} is no table of this program`);
  await db.query(`VACUUM (ANALYZE) selenoscan_data.${table}`);
}
