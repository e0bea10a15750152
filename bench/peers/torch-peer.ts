import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PixelVector } from '../../src/domain/geometry.js';
import { benchCache } from '../harness/cache.js';

/** How the Python side scores; see torch_scorer.py. */
export type TorchMode = 'eager' | 'channels_last' | 'compile' | 'compile_bf16' | 'freeze_bf16';

/** An image in files, laid out for the Python side. */
export interface PeerImage {
  /** Raw 8-bit pixels and their width. */
  readonly image: string;
  readonly width: number;
  /** Raw bytes x, y of each tile: where its response peaks, which PyTorch is not charged for finding. */
  readonly peaks: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly away: PixelVector;
}

interface Answer {
  readonly torch: string;
  readonly capability: string;
  readonly tiles: number;
  readonly seconds: number;
}

/** One Python process that scores tiles when it is asked. */
class TorchProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #stderr = '';

  constructor(python: string, task: object, name: string) {
    const file = join(benchCache('tasks'), `${name}.json`);
    writeFileSync(file, JSON.stringify(task));
    this.#child = spawn(python, ['bench/peers/serve_scorer.py', file]);
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000);
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with the end of its messages when it has ended */
  async ask(request?: object): Promise<Answer> {
    if (request !== undefined) this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = (await this.#answers.next()) as IteratorResult<string, undefined>;
    if (done === true) throw new Error(`PyTorch ended: ${this.#stderr.trim().split('\n').at(-1) ?? ''}`);
    return JSON.parse(value) as Answer;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}

/** PyTorch in one or several processes that share the tiles evenly. */
export class TorchPeer {
  readonly info: { readonly torch: string; readonly capability: string };
  readonly #processes: readonly TorchProcess[];

  private constructor(processes: readonly TorchProcess[], info: Answer) {
    this.#processes = processes;
    this.info = info;
  }

  static async start(
    python: string,
    modelFolder: string,
    image: PeerImage,
    o: { mode: TorchMode; processes: number; threads: number },
  ): Promise<TorchPeer> {
    const { mode, threads } = o;
    const away = [image.away.x, image.away.y];
    const task = { ...image, away, folder: modelFolder, mode, threads, cache: benchCache() };
    const processes = Array.from(
      { length: o.processes },
      (_, i) => new TorchProcess(python, task, `${process.pid}-${mode}-${o.processes}-${i}`),
    );
    try {
      const [info] = await Promise.all(processes.map((each) => each.ask()));
      return new TorchPeer(processes, info!);
    } catch (error) {
      await Promise.allSettled(processes.map((each) => each.close()));
      throw error;
    }
  }

  /** Sets the tiles of one call and compiles for it where the mode does. @returns seconds of it */
  async useBatch(batch: number): Promise<number> {
    // One after the other: the second finds the kernels that the first has compiled.
    let seconds = 0;
    for (const each of this.#processes) seconds += (await each.ask({ batch })).seconds;
    return seconds;
  }

  /** Scores tiles `[0, count)`. @param scores file that the scores of a single process are kept in */
  async score(count: number, scores?: string): Promise<number> {
    const share = Math.ceil(count / this.#processes.length);
    await Promise.all(
      this.#processes.map((each, i) =>
        each.ask({
          from: Math.min(i * share, count),
          to: Math.min((i + 1) * share, count),
          ...(scores === undefined ? {} : { scores }),
        }),
      ),
    );
    return count;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.close()));
  }
}
