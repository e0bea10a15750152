import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCli } from '../../support/cli.js';

/** Daemons that are started, killed and started again. */
export class Daemons {
  readonly #env: Record<string, string>;
  readonly #running = new Set<ChildProcess>();
  /** What each that ended by itself said last: nobody should. */
  readonly endings: string[] = [];
  /** Where the latest that serves the page does. */
  address: string | null = null;
  /** Ends when the next of them is at work. */
  #atWork: Promise<void> = Promise.resolve();
  #tellAtWork: () => void = () => undefined;

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  start(args: readonly string[]): ChildProcess {
    const child = startCli(args, this.#env);
    this.#running.add(child);
    if (this.#running.size === 1) this.#atWork = new Promise((resolve) => (this.#tellAtWork = resolve));
    const tellAtWork = this.#tellAtWork;
    let said = '';
    child.stdout?.resume();
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
      const [, address] = /"address":"([^"]+)"/.exec(said) ?? [];
      if (address !== undefined && child.exitCode === null) this.address = address;
      if (said.includes('Run:Started')) tellAtWork();
    });
    child.once('exit', (code, signal) => {
      this.#running.delete(child);
      if (signal === null && code !== 0) this.endings.push(`exit ${code}: ${said.trim().split('\n').at(-1)}`);
    });
    return child;
  }

  /** Ends when the first of those that were started is at work, or after `mostMs`. */
  async atWork(mostMs: number): Promise<void> {
    await Promise.race([this.#atWork, sleep(mostMs, undefined, { ref: false })]);
  }

  /** All of them at once, in whatever they are doing. */
  async kill(): Promise<void> {
    const ended = [...this.#running].map(async (child) => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    });
    await Promise.all(ended);
    this.address = null;
  }
}
