import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Decoded {
  /** Of all times that it was decoded. */
  readonly pixels: number;
  readonly seconds: number;
  /** Of all its threads. */
  readonly cpuSeconds: number;
  readonly checksum: string | null;
}

/** A process on one core that decodes an image when it is asked. */
export class Decoder {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #stderr = '';

  constructor(program: string, args: readonly string[], core: number) {
    this.#child = spawn('taskset', ['-c', String(core), program, ...args]);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000);
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Decodes the image, for a `turn` as often as half a second takes.
   * @throws Error with the end of its messages when it has ended
   */
  async decode(request: 'turn' | 'checksum'): Promise<Decoded> {
    this.#child.stdin.write(`${request}\n`);
    const answer: IteratorResult<string, unknown> = await this.#answers.next();
    if (answer.done === true) throw new Error(this.#stderr.trim().split('\n').at(-1) ?? 'the decoder ended');
    return JSON.parse(answer.value) as Decoded;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}
