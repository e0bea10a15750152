import { Worker } from 'node:worker_threads';
import './engine-privacy.js';
import { OperationalError } from '../domain/errors.js';
import type { TileParts } from '../domain/tile.js';
import type { OnHalved } from './engines/steady-scorer.js';
import type { CellLogits, EngineInfo, Explanation, Screens, TileBatch, TurnedBatch } from './scorer.js';
import type { ConfirmJob, ScoredStrip, StripJob } from './strip-job.js';
import { addWork, NO_WORK, type WorkSeconds } from './timed-scorer.js';
import type { FromScoreWorker, ScoreWorkerData, ToScoreWorker } from './worker-protocol.js';

/** A thread that does not end by itself within this is ended, ms. */
const CLOSE_MS = 10_000;

/**
 * Most that is kept of what a thread has just made, MB: little of it outlives a batch, and V8 collects the arrays among
 * it by its size, too.
 */
const YOUNG_MB = 12;

type Result = TileParts | ScoredStrip | Explanation | CellLogits | null;

interface Call {
  readonly id: number;
  resolve(result: Result): void;
  reject(error: Error): void;
  /** Set when the thread has done with it, which may be later than the caller. */
  readonly done: () => void;
}

/** One score worker as its owner sees it: a call at a time. */
export class ScoreThread {
  readonly info: EngineInfo;
  readonly screens: Screens;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  /** So far. */
  work: WorkSeconds = NO_WORK;
  readonly #onHalved: OnHalved;
  #alive = true;
  #closing = false;
  #lastId = 0;
  #call: Call | null = null;
  #idle: Promise<void> = Promise.resolve();

  private constructor(worker: Worker, info: EngineInfo, screens: Screens, onHalved: OnHalved) {
    this.#worker = worker;
    this.#onHalved = onHalved;
    this.info = info;
    this.screens = screens;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (message: FromScoreWorker) => this.#receive(message));
    worker.on('messageerror', (error) => this.#die(error));
    worker.on('error', (error) => this.#die(error));
    worker.on('exit', () => this.#die(null));
  }

  /**
   * @param onHalved told when the engine fails with a batch and is given less.
   * @throws OperationalError when the worker cannot load the model or the engine.
   */
  static start(
    entry: URL,
    data: ScoreWorkerData,
    onHalved: OnHalved = () => undefined,
  ): Promise<ScoreThread> {
    const worker = new Worker(entry, {
      workerData: data,
      name: 'score',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    return new Promise((resolve, reject) => {
      // Named listeners are taken off one by one: removing all of them also removes those by which Node
      // itself delivers a worker's messages.
      const settle = (): void => {
        worker.off('error', onError).off('exit', onExit).off('message', onMessage);
      };
      const fail = (error: Error): void => {
        settle();
        void worker.terminate();
        reject(error);
      };
      const onError = (cause: Error): void => fail(crashed(cause));
      const onExit = (): void => fail(crashed(null));
      const onMessage = (message: FromScoreWorker): void => {
        if (message.kind !== 'ready') {
          fail(message.kind === 'error' ? errorOf(message) : crashed(null));
          return;
        }
        settle();
        resolve(new ScoreThread(worker, message.info, message.screens, onHalved));
      };
      worker.on('error', onError).on('exit', onExit).on('message', onMessage);
    });
  }

  /** False once the thread has ended. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Resolves when the thread works on nothing, or has ended. */
  idle(): Promise<void> {
    return this.#idle;
  }

  async scoreStrip(job: StripJob, signal?: AbortSignal): Promise<ScoredStrip> {
    const data = isShared(job.strip.data) ? job.strip.data : ownBuffer(job.strip.data);
    const strip = { ...job.strip, data };
    const message = { kind: 'strip', id: ++this.#lastId, job: { ...job, strip } } as const;
    const transfer = data.buffer instanceof ArrayBuffer ? [data.buffer] : [];
    return (await this.#send(message, transfer, signal)) as ScoredStrip;
  }

  async confirm(job: ConfirmJob, signal?: AbortSignal): Promise<TileParts> {
    return (await this.#send({ kind: 'confirm', id: ++this.#lastId, job }, [], signal)) as TileParts;
  }

  async cells(batch: TurnedBatch): Promise<CellLogits | null> {
    return (await this.#send({ kind: 'cells', id: ++this.#lastId, batch }, [])) as CellLogits | null;
  }

  async explain(batch: TileBatch): Promise<Explanation> {
    return (await this.#send({ kind: 'explain', id: ++this.#lastId, batch }, [])) as Explanation;
  }

  /**
   * Ends the thread; a call in flight is rejected. A thread must not be terminated inside the engine, which
   * takes the whole process down: the batch under way is waited for.
   */
  async close(): Promise<void> {
    this.#closing = true;
    const call = this.#call;
    if (call) {
      this.#post({ kind: 'abort', id: call.id });
      call.reject(closed());
    }
    await within(CLOSE_MS, this.#idle);
    this.#post({ kind: 'close' });
    await within(CLOSE_MS, this.#exited);
    await this.#worker.terminate();
    await this.#exited;
  }

  #post(message: ToScoreWorker): void {
    if (this.#alive) this.#worker.postMessage(message);
  }

  #send(
    message: Exclude<ToScoreWorker, { kind: 'abort' | 'close' }>,
    transfer: ArrayBuffer[],
    signal?: AbortSignal,
  ): Promise<Result> {
    signal?.throwIfAborted();
    if (!this.#alive) return Promise.reject(crashed(null));
    const { id } = message;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#post({ kind: 'abort', id });
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#idle = new Promise((idle) => {
        const done = (): void => {
          signal?.removeEventListener('abort', abort);
          idle();
        };
        this.#call = { id, resolve, reject, done };
      });
      this.#worker.postMessage(message, transfer);
    });
  }

  #receive(message: FromScoreWorker): void {
    if (message.kind === 'halved') {
      this.#onHalved(message.batch, message.reason);
      return;
    }
    const call = this.#call;
    if (message.kind === 'ready' || !call || message.id !== call.id) return;
    this.#call = null;
    if (message.kind === 'parts') this.work = addWork(this.work, message.seconds);
    if (message.kind === 'error') call.reject(errorOf(message));
    else call.resolve(message.result);
    call.done();
  }

  #die(cause: Error | null): void {
    this.#alive = false;
    const call = this.#call;
    this.#call = null;
    call?.reject(this.#closing ? closed() : crashed(cause));
    call?.done();
  }
}

/** Whether pixels lie in memory that all threads see. */
export function isShared({ buffer }: Uint8Array): boolean {
  return buffer instanceof SharedArrayBuffer;
}

/** A view that does not fill its buffer is copied, or its neighbours would be transferred with it. */
function ownBuffer(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
  return whole ? (data as Uint8Array<ArrayBuffer>) : Uint8Array.from(data);
}

function closed(): OperationalError {
  return new OperationalError('engine', 'The score pool was closed.');
}

async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([done, late]);
  clearTimeout(timer);
}

function crashed(cause: Error | null): OperationalError {
  const why = cause ? `: ${cause.message}` : '';
  return new OperationalError(
    'engine',
    `A score worker ended unexpectedly${why}; the strip can be scored again.`,
    {
      cause,
    },
  );
}

function errorOf(message: { message: string; code: string | null }): Error {
  return message.code === null
    ? new OperationalError('engine', `A score worker could not score a strip: ${message.message}`)
    : new OperationalError(message.code, message.message);
}
