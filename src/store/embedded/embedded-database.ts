import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import { OperationalError, TransientError } from '../../domain/errors.js';
import type { Database, Queryable } from '../database.js';
import { TransactionScope } from '../transaction-scope.js';
import { valueTypes } from '../value-types.js';
import type { EngineThread } from './engine-thread.js';
import { EngineStream } from './engine-stream.js';

/**
 * Statements that PostgreSQL runs outside of a transaction only. All others run in one, because only there
 * the engine can undo what a failure inside GEOS or PROJ left half done.
 */
const OUTSIDE_TRANSACTIONS =
  /^\s*(vacuum|checkpoint|reindex|cluster|alter\s+system|(create|drop)\s+database)\b/i;

/** An engine with the one connection that it has. */
interface Session {
  readonly thread: EngineThread;
  readonly client: pg.Client;
}

export interface EmbeddedParts {
  readonly dir: string;
  /** Starts the engine on the directory's database. */
  start(): Promise<EngineThread>;
  /** Called once, when the last engine has ended. */
  release(): Promise<void>;
}

/**
 * One connection to one engine: whoever asks waits for those before, and for the end of a transaction. An
 * engine that ends by itself (out of memory) takes with it what was not committed; the next query starts it
 * again.
 */
export class EmbeddedDatabase implements Database {
  readonly #parts: EmbeddedParts;
  /** Marks code that runs inside a transaction, which must not wait for its own end. */
  readonly #inside = new AsyncLocalStorage<TransactionScope>();
  #session: Session | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(parts: EmbeddedParts) {
    this.#parts = parts;
  }

  /** Starts the engine now, so that its errors show. */
  open(): Promise<void> {
    return this.#inTurn(async () => void (await this.#connected()));
  }

  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    if (!OUTSIDE_TRANSACTIONS.test(sql)) return this.transaction((tx) => tx.query<Row>(sql, parameters));
    return this.#inTurn(async () => this.#run<Row>(await this.#connected(), sql, parameters));
  }

  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      const session = await this.#connected();
      await this.#run(session, 'BEGIN');
      const scope = new TransactionScope((sql, parameters) => this.#run(session, sql, parameters));
      try {
        const result = await this.#inside.run(scope, () => work(scope));
        await scope.settle();
        await this.#run(session, 'COMMIT');
        return result;
      } catch (error) {
        await scope.abandon();
        // After a lost engine there is nothing to roll back.
        await this.#run(session, 'ROLLBACK').catch(() => undefined);
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#turn.then(async () => {
      await this.#session?.thread.close();
      this.#session = null;
      await this.#parts.release();
    });
    return this.#closing;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { dir } = this.#parts;
    if (this.#closing !== null)
      return Promise.reject(new OperationalError('database_closed', `The database in ${dir} is closed.`));
    if (this.#inside.getStore()?.open === true)
      return Promise.reject(
        new Error(
          'A transaction uses the connection that it is given and no other: this would wait for ever.',
        ),
      );
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #connected(): Promise<Session> {
    if (this.#session !== null && this.#session.thread.end === null) return this.#session;
    // Two engines on one directory would destroy it: the one that broke must be gone.
    await this.#session?.thread.close();
    this.#session = null;
    const thread = await this.#parts.start();
    // Nothing of the surrounding PostgreSQL settings applies to this connection.
    const client = new pg.Client({
      stream: () => new EngineStream(thread),
      user: 'postgres',
      database: 'postgres',
      password: '',
      ssl: false,
      types: valueTypes,
    });
    // Told to whoever asked; without a listener it would end the process.
    client.on('error', () => undefined);
    this.#session = { thread, client };
    try {
      await client.connect();
    } catch (error) {
      await thread.close();
      throw error;
    }
    return this.#session;
  }

  async #run<Row>({ client, thread }: Session, sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    try {
      const answer: unknown =
        parameters === undefined || parameters.length === 0
          ? await client.query(sql)
          : await client.query(sql, [...parameters]);
      const last = Array.isArray(answer) ? (answer as pg.QueryResult[]).at(-1) : (answer as pg.QueryResult);
      return (last?.rows ?? []) as Row[];
    } catch (error) {
      if (thread.end === null) throw error;
      throw new TransientError(
        'database-lost',
        `The engine of the database in ${this.#parts.dir} ended (${thread.end.message}): it is started again.`,
        { cause: error },
      );
    }
  }
}
