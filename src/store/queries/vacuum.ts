import type { Queryable } from '../database.js';

/** Tables of this program, the largest first, with their size on disk in bytes. */
export async function tableSizes(db: Queryable): Promise<{ table: string; bytes: number }[]> {
  return db.query(
    `SELECT relname AS "table", pg_total_relation_size(oid) AS bytes FROM pg_class
     WHERE relnamespace = 'selenoscan_data'::regnamespace AND relkind IN ('r', 'p')
     ORDER BY bytes DESC, relname`,
  );
}

/** Frees the room of what was deleted in one table, and learns anew how its values are distributed. */
export async function vacuumTable(db: Queryable, table: string): Promise<void> {
  if (!/^[a-z_]+$/.test(table)) throw new RangeError(`${table} is no table of this program`);
  await db.query(`VACUUM (ANALYZE) selenoscan_data.${table}`);
}
