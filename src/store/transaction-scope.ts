import type { Queryable } from './database.js';

/**
 * The statements of one transaction, one after the other. PostgreSQL answers COMMIT after a failed statement by
 * rolling back, without an error: whatever its work makes of the failure, `settle` tells it.
 */
export class TransactionScope implements Queryable {
  readonly #run: Queryable['query'];
  readonly #errors: unknown[] = [];
  #open = true;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(run: Queryable['query']) {
    this.#run = run;
  }

  /** False when statements are taken no more. */
  get open(): boolean {
    return this.#open;
  }

  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    if (!this.#open) return Promise.reject(new Error('The transaction has ended.'));
    const answer = this.#queue.then(() => this.#run<Row>(sql, parameters));
    this.#queue = answer.catch((error: unknown) => this.#errors.push(error));
    return answer;
  }

  /**
   * Waits for all statements, also for those that its work did not wait for, and takes no more.
   *
   * @throws the first statement's error
   */
  async settle(): Promise<void> {
    await this.#queue;
    this.#open = false;
    if (this.#errors.length > 0) throw this.#errors[0];
  }

  /** The same where the work has failed: what its statements met is of no interest any more. */
  async abandon(): Promise<void> {
    this.#open = false;
    await this.#queue;
  }
}
