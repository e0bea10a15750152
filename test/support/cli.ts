import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/selenoscan.js', import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts the command as a user would, but with one scoring thread: two files of tests run at a time, and each thread
 * takes half a second to open its engine. `SELENOSCAN_SCORING_WORKERS: '0'` gives it those of a user.
 * The caller stops it.
 */
export function startCli(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [BIN, ...args], {
    env: { ...cleanEnv(), SELENOSCAN_SCORING_WORKERS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command to its end. */
export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  const child = startCli(args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The last line on stderr that is no log line: what a user is told. */
export function sentenceOf(run: CliRun): string {
  const lines = run.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return lines.at(-1) ?? '';
}

/** Our own settings of the surrounding shell must not leak into a test. */
function cleanEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('SELENOSCAN_') && name !== 'DATABASE_URL',
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
