import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../workers/worker-url.js';
import type { EngineData, FromEngine, ToEngine } from './engine-protocol.js';

/** A thread that does not end by itself within this is ended: what is committed is on the disk, ms. */
const CLOSE_MS = 10_000;

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** The engine's thread as its owner sees it. */
export class EngineThread {
  readonly #worker: Worker;
  readonly #exited: Promise<unknown>;
  readonly #waiting: Waiting[] = [];
  #end: Error | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = once(worker, 'exit').catch(() => undefined);
    worker.on('message', (message: FromEngine) => {
      if (message.kind === 'reply') {
        const { buffer, byteOffset, byteLength } = message.bytes;
        this.#waiting.shift()?.resolve(Buffer.from(buffer, byteOffset, byteLength));
      } else if (message.kind === 'dead') this.#die(new Error(message.reason));
    });
    worker.on('error', (error) => this.#die(error));
    worker.on('exit', () => this.#die(new Error('its thread ended')));
  }

  /** @throws Error with the engine's reason, where it does not open. */
  static async start(data: EngineData): Promise<EngineThread> {
    const worker = new Worker(workerUrl('database-worker'), {
      workerData: data,
      name: 'database',
      // Options of the surrounding Node, such as how to read its own script, are none of this thread's.
      execArgv: [],
    });
    const thread = new EngineThread(worker);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', (message: FromEngine) => {
        if (message.kind === 'ready') resolve();
        else reject(new Error(message.kind === 'dead' ? message.reason : 'it speaks out of turn'));
      });
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('its thread ended')));
    });
    return thread;
  }

  /** Why the thread ended; null while it lives. */
  get end(): Error | null {
    return this.#end;
  }

  /** Sends messages up to one that is answered; answers come in order. `batch` is transferred. */
  exchange(batch: Uint8Array<ArrayBuffer>): Promise<Buffer> {
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#post({ kind: 'batch', bytes: batch }, [batch.buffer]);
    });
  }

  /** Closes the database and ends the thread. */
  async close(): Promise<void> {
    if (this.#end === null) this.#post({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #post(message: ToEngine, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #die(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
  }
}
