import type { TileParts } from '../domain/tile.js';
import { OperationalError } from '../domain/errors.js';
import { workerUrl } from '../workers/worker-url.js';
import { prepareProcess } from './engines/engine-environment.js';
import { ONNX_ON_CPU, type EngineSpec } from './engines/engine-spec.js';
import { ENGINE_FAILED } from './engines/steady-scorer.js';
import { isShared, ScoreThread } from './score-thread.js';
import type { CellLogits, EngineInfo, Explanation, Screens, TileBatch, TurnedBatch } from './scorer.js';
import type { ConfirmJob, ScoredStrip, StripJob } from './strip-job.js';
import { addWork, NO_WORK, type WorkSeconds } from './timed-scorer.js';
import type { ScoreWorkerData } from './worker-protocol.js';

export type { StripJob } from './strip-job.js';

/** Told which engine has done a call, once it has. */
export type OnScored = (info: EngineInfo) => void;

/** Worker threads that score strips. */
export interface ScorePool {
  /** The engine that scores; another one after the pool fell back. */
  readonly info: EngineInfo;
  readonly screens: Screens;
  readonly workers: number;
  /** What its threads have spent on tiles so far; those that a new one took the place of are left out. */
  readonly work?: WorkSeconds;
  /**
   * Scores a strip's tiles. A strip in shared memory is read where it lies and may be written over when it is
   * scored, but not when the call fails; the buffer of any other is transferred and empty afterwards. Pixels in memory
   * are bounded by the calls in flight: `workers` of them keep every thread busy, one more hides the decoding.
   * What the engine fails with is tried again: on a new thread, then on the engine that stands in.
   *
   * @throws the signal's reason at once when it is aborted; OperationalError when no engine could score it.
   */
  scoreStrip(job: StripJob, signal?: AbortSignal, onScored?: OnScored): Promise<ScoredStrip>;
  /** Parts in fp32 of a few tiles that a strip's scoring has left open. */
  confirm(job: ConfirmJob, signal?: AbortSignal, onScored?: OnScored): Promise<TileParts>;
  /** Scores, latents and reconstructions of a few tiles. */
  explain(batch: TileBatch, onScored?: OnScored): Promise<Explanation>;
  /** What the learned scorer says of tiles; null where the model has none. */
  cells?(batch: TurnedBatch): Promise<CellLogits | null>;
  /** Ends all threads; calls in flight are rejected. */
  close(): Promise<void>;
}

/** An engine's failing, and what was done about it. */
export interface EngineTrouble {
  /** It is given fewer tiles at a time, runs in a new thread, or is left for another. */
  readonly kind: 'halved' | 'replaced' | 'fell_back';
  /** The engine that failed. */
  readonly engine: EngineInfo;
  readonly reason: string;
  /** Tiles that it is given at a time, of `halved`. */
  readonly batch?: number;
  /** What scores instead, of `fell_back`. */
  readonly to?: EngineSpec;
}

export interface ScorePoolOptions extends ScoreWorkerData {
  readonly workers: number;
  /** What takes over when the engine fails for good, with as many threads. */
  readonly fallback?: { readonly engine: EngineSpec; readonly workers: number } | null;
  readonly onTrouble?: (trouble: EngineTrouble) => void;
  /** Told what scores, at the start and whenever that changes. */
  readonly onEngine?: (info: EngineInfo) => void;
  /** What the threads run: the score worker. */
  readonly entry?: URL;
}

/**
 * Starts `workers` threads with one engine thread each, and waits until all of them hold the model.
 *
 * @param o.batch tiles a call of the model.
 * @throws OperationalError when the model or the engine cannot be loaded.
 */
export async function createScorePool(o: ScorePoolOptions): Promise<ScorePool> {
  const {
    workers,
    fallback = null,
    onTrouble = () => undefined,
    onEngine = () => undefined,
    entry = workerUrl('score-worker'),
    engine = ONNX_ON_CPU,
    ...data
  } = o;
  const start = async (spec: EngineSpec): Promise<ScoreThread> => {
    await prepareProcess(spec);
    const thread: ScoreThread = await ScoreThread.start(entry, { ...data, engine: spec }, (batch, reason) =>
      onTrouble({ kind: 'halved', engine: thread.info, batch, reason }),
    );
    return thread;
  };
  const started = await Promise.allSettled(Array.from({ length: workers }, () => start(engine)));
  const threads = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure || threads.length === 0) {
    await Promise.all(threads.map((thread) => thread.close()));
    throw failure?.reason ?? new OperationalError('engine', 'The score pool needs at least one worker.');
  }
  onEngine(threads[0]!.info);
  return new ThreadPool(threads, start, engine, fallback, { onTrouble, onEngine });
}

/** A call that waits for a free thread; null when the pool is closed. */
type Waiter = (thread: ScoreThread | null) => void;

/** Threads on which a call is tried before the engine is left for the one that stands in, or the call given up. */
const ATTEMPTS = 2;

type Listeners = Required<Pick<ScorePoolOptions, 'onTrouble' | 'onEngine'>>;

class ThreadPool implements ScorePool {
  #info: EngineInfo;
  #screens: Screens;
  #workers: number;
  #spec: EngineSpec;
  #fallback: ScorePoolOptions['fallback'];
  readonly #threads = new Set<ScoreThread>();
  /** What each thread runs: another one than the pool's after it fell back. */
  readonly #specs = new WeakMap<ScoreThread, EngineSpec>();
  /** Why a thread's engine may not be used any more. */
  readonly #failures = new WeakMap<ScoreThread, string>();
  readonly #idle: ScoreThread[] = [];
  readonly #waiting: Waiter[] = [];
  /** Threads on their way in or out. */
  readonly #moving = new Set<Promise<void>>();
  readonly #start: (spec: EngineSpec) => Promise<ScoreThread>;
  readonly #listeners: Listeners;
  #closed = false;

  constructor(
    threads: ScoreThread[],
    start: (spec: EngineSpec) => Promise<ScoreThread>,
    spec: EngineSpec,
    fallback: ScorePoolOptions['fallback'],
    listeners: Listeners,
  ) {
    this.#info = threads[0]!.info;
    this.#screens = threads[0]!.screens;
    this.#workers = threads.length;
    this.#start = start;
    this.#spec = spec;
    this.#fallback = fallback;
    this.#listeners = listeners;
    for (const thread of threads) this.#enter(thread, spec);
  }

  get info(): EngineInfo {
    return this.#info;
  }

  get screens(): Screens {
    return this.#screens;
  }

  get workers(): number {
    return this.#workers;
  }

  get work(): WorkSeconds {
    return Array.from(this.#threads, ({ work }) => work).reduce(addWork, NO_WORK);
  }

  scoreStrip(job: StripJob, signal?: AbortSignal, onScored?: OnScored): Promise<ScoredStrip> {
    if (isShared(job.strip.data)) {
      return this.#with((thread) => thread.scoreStrip(job, signal), signal, onScored);
    }
    // What is transferred is gone when the thread fails: the call keeps the pixels until it is done.
    let pixels = job.strip.data;
    const next = (): StripJob => {
      const data = pixels;
      pixels = data.slice();
      return { ...job, strip: { ...job.strip, data } };
    };
    return this.#with((thread) => thread.scoreStrip(next(), signal), signal, onScored);
  }

  confirm(job: ConfirmJob, signal?: AbortSignal, onScored?: OnScored): Promise<TileParts> {
    return this.#with((thread) => thread.confirm(job, signal), signal, onScored);
  }

  explain(batch: TileBatch, onScored?: OnScored): Promise<Explanation> {
    return this.#with((thread) => thread.explain(batch), undefined, onScored);
  }

  cells(batch: TurnedBatch): Promise<CellLogits | null> {
    return this.#with((thread) => thread.cells(batch));
  }

  async close(): Promise<void> {
    this.#end();
    await Promise.all(Array.from(this.#threads, (thread) => thread.close()));
    this.#threads.clear();
    await Promise.all(this.#moving);
  }

  async #with<T>(
    use: (thread: ScoreThread) => Promise<T>,
    signal?: AbortSignal,
    onScored?: OnScored,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const thread = await this.#take(signal);
      try {
        const result = await use(thread);
        onScored?.(thread.info);
        return result;
      } catch (error) {
        const reason = engineFailure(thread, error);
        if (reason === null || this.#closed || signal?.aborted) throw error;
        this.#failures.set(thread, reason);
        if (attempt === ATTEMPTS) {
          if (!this.#fallBack(this.#specs.get(thread)!, thread.info, reason)) throw error;
          attempt = 0;
        }
      } finally {
        // A thread that still works on an aborted strip is given out when it has stopped.
        void thread.idle().then(() => this.#giveBack(thread));
      }
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
    const current = this.#specs.get(thread) === this.#spec;
    if (current && thread.alive && !this.#failures.has(thread)) {
      const waiter = this.#waiting.shift();
      if (waiter) waiter(thread);
      else this.#idle.push(thread);
      return;
    }
    this.#move(current ? this.#replace(thread) : this.#leave(thread));
  }

  #enter(thread: ScoreThread, spec: EngineSpec): void {
    this.#threads.add(thread);
    this.#specs.set(thread, spec);
    this.#giveBack(thread);
  }

  async #leave(thread: ScoreThread): Promise<void> {
    this.#threads.delete(thread);
    await thread.close();
  }

  /** Puts a new thread in the place of one that failed, so that one bad strip does not end the daemon. */
  async #replace(thread: ScoreThread): Promise<void> {
    const { info } = thread;
    const spec = this.#spec;
    // First out, then in: both together may not have room on a GPU.
    await this.#leave(thread);
    const reason = this.#failures.get(thread) ?? 'its thread ended';
    if (spec !== this.#spec || this.#closed) return;
    this.#listeners.onTrouble({ kind: 'replaced', engine: info, reason });
    await this.#add(spec, info);
  }

  /** Starts one more thread; where the engine does not start any more, another takes over or the pool ends. */
  async #add(spec: EngineSpec, failed: EngineInfo): Promise<void> {
    let thread: ScoreThread;
    try {
      thread = await this.#start(spec);
    } catch (error) {
      if (this.#closed || this.#fallBack(spec, failed, messageOf(error)) || this.#threads.size > 0) return;
      this.#end();
      return;
    }
    if (this.#closed || spec !== this.#spec) {
      await thread.close();
      return;
    }
    if (thread.info.engine !== this.#info.engine) this.#listeners.onEngine(thread.info);
    this.#info = thread.info;
    this.#enter(thread, spec);
  }

  /** Leaves an engine for the one that stands in. @returns whether another one scores now */
  #fallBack(from: EngineSpec, engine: EngineInfo, reason: string): boolean {
    if (from !== this.#spec) return true;
    if (!this.#fallback) return false;
    const { engine: to, workers } = this.#fallback;
    this.#fallback = null;
    this.#spec = to;
    this.#workers = workers;
    this.#listeners.onTrouble({ kind: 'fell_back', engine, reason, to });
    for (const thread of this.#idle.splice(0)) this.#move(this.#leave(thread));
    for (let i = 0; i < workers; i++) this.#move(this.#add(to, engine));
    return true;
  }

  #move(moving: Promise<void>): void {
    const done = moving.catch(() => undefined).finally(() => this.#moving.delete(done));
    this.#moving.add(done);
  }

  #end(): void {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter(null);
  }
}

/** Why it is the engine that failed a call, or null where the call itself is bad. */
function engineFailure(thread: ScoreThread, error: unknown): string | null {
  if (error instanceof OperationalError && error.code === ENGINE_FAILED) return error.message;
  return thread.alive ? null : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function closedError(): OperationalError {
  return new OperationalError(
    'engine',
    'The score pool is closed or has lost all of its workers: start again.',
  );
}
