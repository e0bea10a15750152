import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Job, Report } from './report.js';

const ROOT = join(import.meta.dirname, '../../..');

/** Heap of a child. An input that needs more ends it. */
const HEAP_MB = 512;
const MOST_MB = 256;
/** Wall time: a machine under load takes its time. */
const HANGS_MS = 60_000;
const MOST_MS = 3000;
const MOST_FINDINGS = 20;

/** Where a run puts its files. */
export interface Fuzzer {
  /** Inputs `[from, from + count)` of a reader; those that hang or end the process are findings like others. */
  run(target: string, count: number, from?: number): Promise<Report>;
  remove(): void;
}

/** Bundles the child once, so that it runs on plain Node. */
export async function createFuzzer(): Promise<Fuzzer> {
  const folder = join(ROOT, 'dist', `fuzz-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outdir: folder,
    splitting: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return {
    run: (target, count, from = 0) => runAll(join(folder, 'child.js'), folder, target, [from, from + count]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function runAll(
  program: string,
  folder: string,
  target: string,
  [from, to]: readonly [number, number],
): Promise<Report> {
  const total: Report = { done: 0, accepted: 0, refused: 0, findings: [], peakMB: 0, slowestMs: 0 };
  for (let next = from; next < to && total.findings.length < MOST_FINDINGS;) {
    const job: Job = {
      target,
      from: next,
      to,
      progress: join(folder, `${target}.progress`),
      report: join(folder, `${target}.json`),
      keep: null,
      mostMs: MOST_MS,
      mostMB: MOST_MB,
      mostFindings: MOST_FINDINGS,
    };
    rmSync(job.report, { force: true });
    const ended = await runChild(program, job, HANGS_MS);
    if (existsSync(job.report)) {
      add(total, JSON.parse(readFileSync(job.report, 'utf8')) as Report);
      break;
    }
    const seed = seedAt(job.progress);
    if (seed === null) throw new Error(`${target} did not start: ${ended}`);
    // The same input again, alone, to keep its bytes.
    const kept = join(folder, `${target}.input`);
    await runChild(program, { ...job, from: seed, to: seed + 1, keep: kept }, HANGS_MS / 6);
    const input = existsSync(kept) ? readFileSync(kept).toString('base64') : '';
    total.findings.push({ seed, what: ended, input });
    // What the child had counted went with it.
    total.done += seed + 1 - next;
    next = seed + 1;
  }
  return total;
}

function add(total: Report, more: Report): void {
  total.done += more.done;
  total.accepted += more.accepted;
  total.refused += more.refused;
  total.findings.push(...more.findings);
  total.peakMB = Math.max(total.peakMB, more.peakMB);
  total.slowestMs = Math.max(total.slowestMs, more.slowestMs);
}

/** How a child ended; one whose input does not change for too long is killed. */
async function runChild(program: string, job: Job, hangsMs: number): Promise<string> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MB}`, program, JSON.stringify(job)], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-1000)));
  const hung = watch(child, job, hangsMs);
  const how = await new Promise<string>((resolve) => {
    child.once('close', (code, signal) =>
      resolve(code === null ? `killed by ${signal}` : `exit code ${code}`),
    );
  });
  return hung() ? `hung: no end within ${hangsMs / 1000} s` : `the process ended (${how}): ${said}`;
}

function watch(child: ChildProcess, job: Job, hangsMs: number): () => boolean {
  let hung = false;
  let [seed, since] = [seedAt(job.progress), Date.now()];
  const timer = setInterval(() => {
    const now = seedAt(job.progress);
    if (now !== seed) [seed, since] = [now, Date.now()];
    if (Date.now() - since < hangsMs) return;
    hung = true;
    child.kill('SIGKILL');
  }, 500);
  child.once('close', () => clearInterval(timer));
  return () => hung;
}

function seedAt(file: string): number | null {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  return bytes.length === 8 ? bytes.readDoubleLE() : null;
}
