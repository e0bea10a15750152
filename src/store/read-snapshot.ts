import type { Database, Queryable } from './database.js';

/**
 * Reads of one moment, however long they take: all statements of `work` see the database as it was at the
 * first of them. On a server nobody waits for it; the embedded database has one connection, so that others wait
 * until `work` is done.
 */
export function readSnapshot<T>(db: Database, work: (snapshot: Queryable) => Promise<T>): Promise<T> {
  return db.transaction(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    // Sorting millions of rows may take longer than a statement may at other times.
    await tx.query('SET LOCAL statement_timeout = 0');
    // All rows of a cursor are fetched, so that its plan is for all of them and not for the first.
    await tx.query('SET LOCAL cursor_tuple_fraction = 1');
    return work(tx);
  });
}

/** Rows that are held at once. Of 200 to 5000 the rate differs by a few percent. */
const BATCH = 1000;

let cursors = 0;

/**
 * Rows of a SELECT in batches, by a cursor: the query is planned and run once, whatever its filters and order, and
 * both the server and this process hold a batch at a time.
 *
 * @param snapshot a transaction; other statements may run in it between batches
 */
export async function* readByCursor<Row>(
  snapshot: Queryable,
  sql: string,
  parameters: readonly unknown[],
): AsyncGenerator<Row[]> {
  const cursor = `export_${(cursors += 1)}`;
  await snapshot.query(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`, parameters);
  for (;;) {
    const rows = await snapshot.query<Row>(`FETCH ${BATCH} FROM ${cursor}`);
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await snapshot.query(`CLOSE ${cursor}`);
}
