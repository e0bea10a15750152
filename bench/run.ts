/**
 * Runs benches: `npm run bench -- NAME [its options]`, and without a name all measurements of speed one after the
 * other, then their report. `node scripts/bench.js` has compiled them before.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchesIn, partsOf, sourceOf } from './harness/find-benches.js';
import { note } from './harness/options.js';
import { RESULTS } from './harness/result.js';

const [name, ...rest] = process.argv.slice(2);
const files = readdirSync('bench', { recursive: true, encoding: 'utf8' }).map((file) =>
  file.replaceAll('\\', '/'),
);
const benches = benchesIn(files, (file) => readFileSync(join('bench', file), 'utf8'));

if (name === undefined || name.startsWith('-')) process.exitCode = await runAll(process.argv.slice(2));
else {
  const source = sourceOf(name, benches);
  if (source === null) {
    console.error(`usage: npm run bench -- [${benches.map((bench) => bench.name).join('|')}] [options]`);
    process.exitCode = 2;
  } else process.exitCode = await run(source, rest);
}

/** @returns 1 where a part failed: the others ran all the same */
async function runAll(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: 'full' },
      only: { type: 'string' },
      /** Parts measured within so many hours stand. */
      since: { type: 'string', default: '0' },
      minutes: { type: 'string', default: '40' },
    },
  });
  const wanted = values.only?.split(',');
  const parts = partsOf(benches).filter((part) => wanted === undefined || wanted.includes(part));
  const failed: string[] = [];
  for (const part of parts) {
    if (hoursSince(part) < Number(values.since)) {
      note(`${part}: measured within ${values.since} hours`);
      continue;
    }
    note(`${part} begins`);
    const status = await run(`${part}/${part}`, ['--size', values.size], Number(values.minutes));
    if (status !== 0) failed.push(part);
  }
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}; the results of the others stand`);
  const report = await run('report/report', ['--size', values.size]);
  return failed.length > 0 ? 1 : report;
}

function hoursSince(part: string): number {
  try {
    const { date } = JSON.parse(readFileSync(join(RESULTS, `${part}.json`), 'utf8')) as { date: string };
    return (Date.now() - Date.parse(date)) / 3_600_000;
  } catch {
    return Infinity;
  }
}

/** Runs one bench in a process of its own, ended after some minutes. @returns its status */
function run(source: string, args: readonly string[], minutes = Infinity): Promise<number> {
  const program = join('dist', 'bench', 'bench', `${source}.js`);
  // A group of its own, so that what a bench has started ends with it.
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit', detached: true });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
  };
  const timer = Number.isFinite(minutes)
    ? setTimeout(() => {
        console.error(`${source} was ended after ${minutes} minutes`);
        end('SIGTERM');
      }, minutes * 60_000)
    : undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
