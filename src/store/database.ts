/**
 * What the queries need of a database. SQL uses `$1` parameters; rows come as objects. `bigint` columns
 * are numbers, `timestamptz` are Dates, `jsonb` is parsed.
 */
export interface Queryable {
  /**
   * Runs one statement; without parameters also several, separated by semicolons, whose rows are not given.
   *
   * @throws TransientError where the connection was lost or another transaction was in the way: the
   *   statement may be tried again.
   */
  query<Row = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A database with the migrations of this version. */
export interface Database extends Queryable {
  /** All of `work` or nothing; `work` uses the connection it is given and no other. */
  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
