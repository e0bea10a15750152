import type { Queryable } from '../../src/store/database.js';

/** A query and its answers at one place. */
export interface Question {
  readonly sql: string;
  readonly parameters?: readonly unknown[];
}

export interface Timing {
  /** Milliseconds, warm. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Rows of the answers, on average. */
  readonly rows: number;
}

/** Asks each question until it is warm and then so many times; times are those of the client, answers included. */
export async function time(
  db: Queryable,
  questions: readonly Question[],
  { times = 5 }: { times?: number } = {},
): Promise<Timing> {
  const spent: number[] = [];
  let rows = 0;
  for (const { sql, parameters } of questions) {
    await db.query(sql, parameters);
    for (let i = 0; i < times; i++) {
      const started = performance.now();
      const answer = await db.query(sql, parameters);
      spent.push(performance.now() - started);
      rows += answer.length;
    }
  }
  spent.sort((a, b) => a - b);
  const at = (share: number) => spent[Math.min(spent.length - 1, Math.floor(share * spent.length))] ?? NaN;
  return { median: at(0.5), low: at(0.1), high: at(0.9), rows: rows / spent.length };
}

/** Seconds of one statement, or NaN where the database refuses it. */
export async function once(db: Queryable, sql: string): Promise<number> {
  const started = performance.now();
  try {
    await db.query(sql);
  } catch {
    return NaN;
  }
  return (performance.now() - started) / 1000;
}
