import type { TileParts } from '../domain/tile.js';
import { OperationalError } from '../domain/errors.js';
import { workerUrl } from '../workers/worker-url.js';
import { ScoreThread } from './score-thread.js';
import type { EngineInfo, Explanation, Screens, TileBatch } from './scorer.js';
import type { ConfirmJob, StripJob } from './strip-job.js';
import type { ScoreWorkerData } from './worker-protocol.js';

export type { StripJob } from './strip-job.js';

/** Worker threads that score strips. */
export interface ScorePool {
  readonly info: EngineInfo;
  readonly screens: Screens;
  readonly workers: number;
  /**
   * Scores a strip's tiles. The strip's buffer is transferred, so it is empty afterwards; pixels in memory
   * are bounded by the calls in flight: `workers` of them keep every thread busy, one more hides the decoding.
   *
   * @throws the signal's reason at once when it is aborted; OperationalError when the thread dies.
   */
  scoreStrip(job: StripJob, signal?: AbortSignal): Promise<TileParts>;
  /** Parts in fp32 of a few tiles that a strip's scoring has left open. */
  confirm(job: ConfirmJob, signal?: AbortSignal): Promise<TileParts>;
  /** Scores, latents and reconstructions of a few tiles. */
  explain(batch: TileBatch): Promise<Explanation>;
  /** Ends all threads; calls in flight are rejected. */
  close(): Promise<void>;
}

/**
 * Starts `workers` threads with one engine thread each, and waits until all of them hold the model.
 *
 * @param o.batch tiles a call of the model.
 * @throws OperationalError when the model cannot be loaded.
 */
export async function createScorePool(o: ScoreWorkerData & { workers: number }): Promise<ScorePool> {
  const { workers, ...data } = o;
  const start = (): Promise<ScoreThread> => ScoreThread.start(workerUrl('score-worker'), data);
  const started = await Promise.allSettled(Array.from({ length: workers }, start));
  const threads = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure || threads.length === 0) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw failure?.reason ?? new OperationalError('engine', 'The score pool needs at least one worker.');
  }
  return new ThreadPool(threads, start);
}

/** A call that waits for a free thread; null when the pool is closed. */
type Waiter = (thread: ScoreThread | null) => void;

class ThreadPool implements ScorePool {
  readonly info: EngineInfo;
  readonly screens: Screens;
  readonly workers: number;
  readonly #threads: Set<ScoreThread>;
  readonly #idle: ScoreThread[];
  readonly #waiting: Waiter[] = [];
  readonly #start: () => Promise<ScoreThread>;
  #closed = false;

  constructor(threads: ScoreThread[], start: () => Promise<ScoreThread>) {
    this.info = threads[0]!.info;
    this.screens = threads[0]!.screens;
    this.workers = threads.length;
    this.#threads = new Set(threads);
    this.#idle = [...threads];
    this.#start = start;
  }

  scoreStrip(job: StripJob, signal?: AbortSignal): Promise<TileParts> {
    return this.#with((thread) => thread.scoreStrip(job, signal), signal);
  }

  confirm(job: ConfirmJob, signal?: AbortSignal): Promise<TileParts> {
    return this.#with((thread) => thread.confirm(job, signal), signal);
  }

  explain(batch: TileBatch): Promise<Explanation> {
    return this.#with((thread) => thread.explain(batch));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter(null);
    await Promise.all(Array.from(this.#threads, (thread) => thread.close()));
    this.#threads.clear();
  }

  async #with<T>(use: (thread: ScoreThread) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const thread = await this.#take(signal);
    try {
      return await use(thread);
    } finally {
      // A thread that still works on an aborted strip is given out when it has stopped.
      void thread.idle().then(() => this.#giveBack(thread));
    }
  }

  #take(signal?: AbortSignal): Promise<ScoreThread> {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = (thread) => {
        signal?.removeEventListener('abort', abort);
        if (thread) resolve(thread);
        else reject(closedError());
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #giveBack(thread: ScoreThread): void {
    if (this.#closed) return;
    if (thread.alive) {
      const waiter = this.#waiting.shift();
      if (waiter) waiter(thread);
      else this.#idle.push(thread);
      return;
    }
    void this.#replace(thread);
  }

  /** Puts a new thread in the place of a dead one, so that one bad strip does not end the daemon. */
  async #replace(dead: ScoreThread): Promise<void> {
    this.#threads.delete(dead);
    try {
      const thread = await this.#start();
      if (this.#closed) {
        await thread.close();
        return;
      }
      this.#threads.add(thread);
      this.#giveBack(thread);
    } catch {
      if (this.#threads.size > 0) return;
      this.#closed = true;
      for (const waiter of this.#waiting.splice(0)) waiter(null);
    }
  }
}

function closedError(): OperationalError {
  return new OperationalError(
    'engine',
    'The score pool is closed or has lost all of its workers: start again.',
  );
}
