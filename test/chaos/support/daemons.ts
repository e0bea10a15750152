import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startCli } from '../../support/cli.js';

/** Daemons that are started, killed and started again. */
export class Daemons {
  readonly #env: Record<string, string>;
  readonly #running = new Set<ChildProcess>();
  /** What each that ended by itself said last: nobody should. */
  readonly endings: string[] = [];

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  start(args: readonly string[]): ChildProcess {
    const child = startCli(args, this.#env);
    this.#running.add(child);
    let said = '';
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    child.once('exit', (code, signal) => {
      this.#running.delete(child);
      if (signal === null && code !== 0) this.endings.push(`exit ${code}: ${said.trim().split('\n').at(-1)}`);
    });
    return child;
  }

  /** All of them at once, in whatever they are doing. */
  async kill(): Promise<void> {
    const ended = [...this.#running].map(async (child) => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    });
    await Promise.all(ended);
  }
}
