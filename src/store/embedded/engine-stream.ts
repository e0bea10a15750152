import { Duplex } from 'node:stream';
import type { EngineThread } from './engine-thread.js';
import { MESSAGE, endsBatch, splitMessages } from './messages.js';

/**
 * What `pg` takes for the socket of a server: batches of messages go to the engine's thread, its answers
 * come back. Buffers are handed over, not copied, between the threads.
 */
export class EngineStream extends Duplex {
  readonly #thread: EngineThread;
  #started = false;
  #pending: Buffer = Buffer.alloc(0);

  constructor(thread: EngineThread) {
    super();
    this.#thread = thread;
  }

  /** As a socket does; there is nothing to reach. */
  connect(): void {
    process.nextTick(() => this.emit('connect'));
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed as they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send([chunk]).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#send(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  async #send(chunks: readonly Buffer[]): Promise<void> {
    this.#pending = Buffer.concat([this.#pending, ...chunks]);
    for (let batch = this.#takeBatch(); batch !== null; batch = this.#takeBatch()) {
      if (batch[0] === MESSAGE.terminate) this.push(null);
      else this.push(await this.#thread.exchange(new Uint8Array(batch)));
    }
  }

  /** The messages up to the first one that is answered; null while it is not there yet. */
  #takeBatch(): Buffer | null {
    const end = this.#started ? endOfBatch(this.#pending) : this.#pending.length;
    if (end === 0) return null;
    this.#started = true;
    const batch = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end);
    return batch;
  }
}

function endOfBatch(bytes: Buffer): number {
  let end = 0;
  for (const message of splitMessages(bytes)) {
    end += message.length;
    if (endsBatch(message)) return end;
  }
  return 0;
}
