import { Socket } from 'node:net';
import pgPromise from 'pg-promise';
import type { IBaseProtocol, IDatabase } from 'pg-promise';
import type { Database, Queryable } from '../database.js';
import { TransactionScope } from '../transaction-scope.js';
import { explainOpening, explainRunning } from './connection-errors.js';
import { connectionOptions } from './connection-options.js';

export interface PostgresOptions {
  /** Connection string, `postgresql://USER:PASSWORD@HOST:5432/DATABASE`. */
  readonly url: string;
  /** Connections kept at most. Default 4. */
  readonly poolSize?: number;
  /** A statement that runs longer is given up; 0 = never. Default 60 000 ms. */
  readonly statementTimeoutMs?: number;
  /** A server that says nothing so long after that is taken as lost. Default 30 000 ms. */
  readonly silenceMs?: number;
}

const pgp = pgPromise({
  // It warns of several databases with one connection string, which tests have.
  noWarnings: true,
  error(error: unknown, { client }) {
    // The statement would still stand before all that follow it on this connection.
    if (isUnanswered(error)) (client?.connection.stream as Socket | undefined)?.destroy();
  },
});

/** Whether `pg` gave up waiting for an answer. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/**
 * Opens a pool on PostgreSQL and proves it with one round trip.
 *
 * @throws OperationalError of one sentence that names host and remedy, never the password.
 * @throws UsageError where the URL is not one.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const statementTimeout = options.statementTimeoutMs ?? 60_000;
  // pg leaves a connection open that asks for a password where there is none: it would hold the process for a minute.
  const sockets = new Set<Socket>();
  const stream = (): Socket => {
    const socket = new Socket();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const db = pgp({
    ...connectionOptions(options.url, 'selenoscan'),
    stream,
    max: options.poolSize ?? 4,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeout,
    ...(statementTimeout === 0 ? {} : { query_timeout: statementTimeout + (options.silenceMs ?? 30_000) }),
    // A transaction that its program forgot must not hold a scan's lock for ever.
    idle_in_transaction_session_timeout: 120_000,
  });
  const database = new PostgresDatabase(db, options.url);
  try {
    await db.query('SELECT 1');
  } catch (error) {
    await database.close();
    for (const socket of sockets) socket.destroy();
    throw explainOpening(error, options.url);
  }
  return database;
}

class PostgresDatabase implements Database {
  readonly #db: IDatabase<object>;
  readonly #url: string;

  constructor(db: IDatabase<object>, url: string) {
    this.#db = db;
    this.#url = url;
  }

  async query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    try {
      return await run<Row>(this.#db, sql, parameters);
    } catch (error) {
      throw explainRunning(error, this.#url);
    }
  }

  async transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T> {
    try {
      return await this.#db.tx(async (task) => {
        const scope = new TransactionScope((sql, parameters) => run(task, sql, parameters));
        try {
          const result = await work(scope);
          await scope.settle();
          return result;
        } catch (error) {
          await scope.abandon();
          throw error;
        }
      });
    } catch (error) {
      throw explainRunning(error, this.#url);
    }
  }

  async close(): Promise<void> {
    await this.#db.$pool.end();
  }
}

/** Parameters go to the server beside the statement, never into its text. */
async function run<Row>(
  protocol: IBaseProtocol<object>,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  if (parameters.length === 0) return protocol.query<Row[]>(sql);
  return protocol.query<Row[]>(new pgp.ParameterizedQuery({ text: sql, values: [...parameters] }));
}
