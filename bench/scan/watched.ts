import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseChildrenCpu, useOfTree } from '../harness/processes.js';

export interface Watched {
  readonly stdout: string;
  readonly seconds: number;
  /** Of the process and all that it started. */
  readonly cpuSeconds: number;
  /** Most that all of them held in memory at one time; pages that several share count for each. */
  readonly peakMb: number;
}

const EVERY_MS = 100;

/** Runs a command and watches it. @throws Error with the end of its messages when it fails */
export async function watched(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Watched> {
  const cpuBefore = endedChildrenCpu();
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  let peakBytes = 0;
  const timer = setInterval(() => {
    if (pid !== undefined) peakBytes = Math.max(peakBytes, useOfTree(pid).rssBytes);
  }, EVERY_MS);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0)
      throw new Error(
        `${args.slice(0, 3).join(' ')} ended with ${code}: ${stderr.trim().split('\n').at(-1)}`,
      );
  } finally {
    clearInterval(timer);
  }
  return {
    stdout,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: endedChildrenCpu() - cpuBefore,
    peakMb: peakBytes / 1e6,
  };
}

/** CPU seconds of this process's children that have ended, and of theirs. */
function endedChildrenCpu(): number {
  return parseChildrenCpu(readFileSync('/proc/self/stat', 'utf8'));
}
