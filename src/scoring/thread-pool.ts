import type { TileParts } from '../domain/tile.js';
import type { EngineThreads } from './engine-threads.js';
import { ENGINE_FAILED } from './engines/steady-scorer.js';
import { OperationalError } from '../domain/errors.js';
import type { OnScored, ScorePool } from './score-pool.js';
import { isShared, type ScoreThread } from './score-thread.js';
import type { CellLogits, EngineInfo, Explanation, Screens, TileBatch, TurnedBatch } from './scorer.js';
import type { ConfirmJob, ScoredStrip, StripJob } from './strip-job.js';
import type { WorkSeconds } from './timed-scorer.js';
import type { Rank } from './waiting-queue.js';

/** Threads on which a call is tried before the engine is left for the one that stands in, or the call given up. */
const ATTEMPTS = 2;

/**
 * A score pool whose calls wait for a free thread, and are tried again where the engine fails. Calls for a few tiles
 * come before strips that wait, so that an image that is being settled is not held up by the strips of the next one. No
 * strip waits for ever: such calls are made for images whose own strips are all scored, a bounded number for each.
 */
export class ThreadPool implements ScorePool {
  readonly #threads: EngineThreads;

  constructor(threads: EngineThreads) {
    this.#threads = threads;
  }

  get info(): EngineInfo {
    return this.#threads.info;
  }

  get screens(): Screens {
    return this.#threads.screens;
  }

  get workers(): number {
    return this.#threads.workers;
  }

  get work(): WorkSeconds {
    return this.#threads.work;
  }

  scoreStrip(job: StripJob, signal?: AbortSignal, onScored?: OnScored): Promise<ScoredStrip> {
    if (isShared(job.strip.data)) {
      return this.#with('strip', (thread) => thread.scoreStrip(job, signal), signal, onScored);
    }
    // What is transferred is gone when the thread fails: the call keeps the pixels until it is done.
    let pixels = job.strip.data;
    const next = (): StripJob => {
      const data = pixels;
      pixels = data.slice();
      return { ...job, strip: { ...job.strip, data } };
    };
    return this.#with('strip', (thread) => thread.scoreStrip(next(), signal), signal, onScored);
  }

  confirm(job: ConfirmJob, signal?: AbortSignal, onScored?: OnScored): Promise<TileParts> {
    return this.#with('few', (thread) => thread.confirm(job, signal), signal, onScored);
  }

  explain(batch: TileBatch, onScored?: OnScored): Promise<Explanation> {
    return this.#with('few', (thread) => thread.explain(batch), undefined, onScored);
  }

  cells(batch: TurnedBatch): Promise<CellLogits | null> {
    return this.#with('few', (thread) => thread.cells(batch));
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #with<T>(
    rank: Rank,
    use: (thread: ScoreThread) => Promise<T>,
    signal?: AbortSignal,
    onScored?: OnScored,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const thread = await this.#threads.take(rank, signal);
      try {
        const result = await use(thread);
        onScored?.(thread.info);
        return result;
      } catch (error) {
        const reason = engineFailure(thread, error);
        if (reason === null || this.#threads.closed || signal?.aborted) throw error;
        this.#threads.fail(thread, reason);
        if (attempt === ATTEMPTS) {
          if (!this.#threads.fallBackFrom(thread, reason)) throw error;
          attempt = 0;
        }
      } finally {
        // A thread that still works on an aborted strip is given out when it has stopped.
        void thread.idle().then(() => this.#threads.giveBack(thread));
      }
    }
  }
}

/** Why it is the engine that failed a call, or null where the call itself is bad. */
function engineFailure(thread: ScoreThread, error: unknown): string | null {
  if (error instanceof OperationalError && error.code === ENGINE_FAILED) return error.message;
  if (thread.alive) return null;
  return error instanceof Error ? error.message : String(error);
}
