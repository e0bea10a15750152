import { openSync, writeFileSync, writeSync } from 'node:fs';
import { resourceUsage } from 'node:process';
import { isUserFacing } from '../../../src/domain/errors.js';
import { createRandom } from '../../../src/domain/random.js';
import { TARGETS } from '../targets/all.js';
import type { Prepared } from './target.js';
import type { Finding, Job, Report } from './report.js';

/**
 * Runs inputs `[from, to)` of a reader in a process of its own. The number of the input at work stands in a file,
 * so that whoever watches knows which one hung or took the process down.
 */
const job = JSON.parse(process.argv[2] ?? '') as Job;
const report: Report = { done: 0, accepted: 0, refused: 0, findings: [], peakMB: 0, slowestMs: 0 };
const at = openSync(job.progress, 'w');
const progress = Buffer.alloc(8);
const target = TARGETS.find(({ name }) => name === job.target);
if (target === undefined) throw new Error(`there is no target ${job.target}`);

// What escapes a promise that nobody waits for is a crash of the daemon.
let escaped: unknown = null;
process.on('unhandledRejection', (error) => (escaped = error));
process.on('uncaughtException', (error) => (escaped = error));

try {
  const reader = await target.load();
  await runAll(await reader.prepare());
  process.exit(0);
} catch (error) {
  // Not the reader's: the harness itself is wrong.
  console.error(error);
  process.exit(1);
}

async function runAll(prepared: Prepared): Promise<void> {
  const before = resourceUsage().maxRSS;
  for (let seed = job.from; seed < job.to; seed++) {
    progress.writeDoubleLE(seed);
    writeSync(at, progress, 0, 8, 0);
    await one(prepared, seed, before);
    if (report.findings.length >= job.mostFindings) break;
  }
  await prepared.close?.();
  report.peakMB = Math.round(resourceUsage().maxRSS / 1024);
  writeFileSync(job.report, JSON.stringify(report));
}

async function one(prepared: Prepared, seed: number, before: number): Promise<void> {
  const bytes = prepared.input(createRandom(Math.imul(seed + 1, 0x9e3779b1)));
  if (job.keep !== null) writeFileSync(job.keep, bytes);
  const start = process.cpuUsage();
  const [rss, wall] = [resourceUsage().maxRSS, performance.now()];
  let wrong: string | null = null;
  try {
    report[await prepared.run(bytes)]++;
  } catch (error) {
    if (isUserFacing(error)) {
      report.refused++;
      wrong = sentenceFault(error.message);
    } else wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (escaped !== null)
    wrong = `escaped: ${escaped instanceof Error ? escaped.stack : JSON.stringify(escaped)}`;
  escaped = null;
  if (Object.keys(Object.prototype).length > 0) wrong = 'it changed the prototype of every object';
  const cpu = process.cpuUsage(start);
  const ms = Math.min((cpu.user + cpu.system) / 1000, performance.now() - wall);
  const took = (resourceUsage().maxRSS - Math.max(rss, before)) / 1024;
  if (ms > job.mostMs) wrong ??= `took ${Math.round(ms)} ms of processor time`;
  if (took > job.mostMB) wrong ??= `took ${Math.round(took)} MB more than any input before`;
  report.slowestMs = Math.max(report.slowestMs, Math.round(ms));
  report.done++;
  if (wrong !== null)
    keep({ seed, what: wrong.slice(0, 1500), input: bytes.subarray(0, 2 ** 20).toString('base64') });
}

function keep(finding: Finding): void {
  const kind = (what: string) => what.replace(/\d+/g, '#').split('\n').slice(0, 3).join('\n');
  if (report.findings.some(({ what }) => kind(what) === kind(finding.what))) return;
  report.findings.push(finding);
}

/** What is wrong with a message for users, or null: it is one line, ends as a sentence, and has no text of a machine. */
function sentenceFault(message: string): string | null {
  if (/[\n\r]/.test(message)) return `a message of several lines: ${JSON.stringify(message)}`;
  if (message.length > 1100) return `a message of ${message.length} characters: ${message.slice(0, 300)}`;
  if (!/[.!?]$/.test(message)) return `a message that is no sentence: ${message}`;
  if (/\[object |\bat .*\.js:\d+/.test(message)) return `a message of a machine: ${message}`;
  return null;
}
