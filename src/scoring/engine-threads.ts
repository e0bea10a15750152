import { OperationalError } from '../domain/errors.js';
import type { EngineSpec } from './engines/engine-spec.js';
import type { EngineTrouble } from './score-pool.js';
import type { ScoreThread } from './score-thread.js';
import type { EngineInfo, Screens } from './scorer.js';
import { addWork, NO_WORK, type WorkSeconds } from './timed-scorer.js';
import { WaitingQueue, type Rank } from './waiting-queue.js';

/** What takes over when the engine fails for good, with as many threads. */
export interface Fallback {
  readonly engine: EngineSpec;
  readonly workers: number;
}

interface Listeners {
  onTrouble(trouble: EngineTrouble): void;
  onEngine(info: EngineInfo): void;
}

/**
 * The threads of the engine that scores, given out one to a call. One that fails has another put in its place; an
 * engine that is given up, or does not start any more, has the threads of the one that stands in for it.
 */
export class EngineThreads {
  #info: EngineInfo;
  readonly #screens: Screens;
  #workers: number;
  #spec: EngineSpec;
  #fallback: Fallback | null;
  readonly #threads = new Set<ScoreThread>();
  /** What each thread runs: another one than the engine that scores after that was left. */
  readonly #specs = new WeakMap<ScoreThread, EngineSpec>();
  /** Why a thread's engine may not be used any more. */
  readonly #failures = new WeakMap<ScoreThread, string>();
  readonly #idle: ScoreThread[] = [];
  readonly #waiting = new WaitingQueue<ScoreThread>();
  /** Threads on their way in or out. */
  readonly #moving = new Set<Promise<void>>();
  readonly #start: (spec: EngineSpec) => Promise<ScoreThread>;
  readonly #listeners: Listeners;
  #closed = false;

  /** @param threads one at least, all of which run `spec` */
  constructor(
    threads: readonly ScoreThread[],
    start: (spec: EngineSpec) => Promise<ScoreThread>,
    spec: EngineSpec,
    fallback: Fallback | null,
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

  /** Whether threads are given out no more. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * A free thread, once there is one; whoever takes it gives it back.
   *
   * @throws the signal's reason at once when it is aborted; OperationalError when they are closed.
   */
  async take(rank: Rank, signal?: AbortSignal): Promise<ScoreThread> {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    return this.#idle.pop() ?? this.#waiting.wait(rank, signal);
  }

  /** Takes back a thread that works on nothing. */
  giveBack(thread: ScoreThread): void {
    if (this.#closed) return;
    const current = this.#specs.get(thread) === this.#spec;
    if (current && thread.alive && !this.#failures.has(thread)) {
      if (!this.#waiting.give(thread)) this.#idle.push(thread);
      return;
    }
    this.#move(current ? this.#replace(thread) : this.#leave(thread));
  }

  /** Marks a thread whose engine has failed: another takes its place when it is given back. */
  fail(thread: ScoreThread, reason: string): void {
    this.#failures.set(thread, reason);
  }

  /** Leaves the engine of a thread for the one that stands in. @returns whether another one scores now */
  fallBackFrom(thread: ScoreThread, reason: string): boolean {
    return this.#fallBack(this.#specs.get(thread)!, thread.info, reason);
  }

  /** Ends all threads; calls in flight and those that wait are rejected. */
  async close(): Promise<void> {
    this.#end();
    await Promise.all(Array.from(this.#threads, (thread) => thread.close()));
    this.#threads.clear();
    await Promise.all(this.#moving);
  }

  #enter(thread: ScoreThread, spec: EngineSpec): void {
    this.#threads.add(thread);
    this.#specs.set(thread, spec);
    this.giveBack(thread);
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

  /** Starts one more thread; where the engine does not start any more, another takes over or all is ended. */
  async #add(spec: EngineSpec, failed: EngineInfo): Promise<void> {
    let thread: ScoreThread;
    try {
      thread = await this.#start(spec);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#closed || this.#fallBack(spec, failed, reason) || this.#threads.size > 0) return;
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
    this.#waiting.end(closedError());
  }
}

function closedError(): OperationalError {
  return new OperationalError(
    'engine',
    'The score pool is closed or has lost all of its workers: start again.',
  );
}
