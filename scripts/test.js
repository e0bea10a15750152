import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';
import { createClusterFolder, findPostgres, stopCluster } from './test/cluster.js';

/**
 * Runs the tests: `npm test [-- name filter and options of vitest]`. The last line printed is
 * `N passed, N failed`. With CI=true, tests left out for want of PostGIS are failures.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

// The first test that needs PostgreSQL starts it in this folder; it is stopped here, however the run ends.
const folder = createClusterFolder();
const summaryFile = join(folder, 'summary.json');
process.on('exit', () => stopCluster(folder));

process.exitCode = await main();

async function main() {
  ensureBuilt();
  await runVitest(process.argv.slice(2));
  const summary = existsSync(summaryFile)
    ? JSON.parse(readFileSync(summaryFile, 'utf8'))
    : { passed: 0, failed: 1, leftOut: [] };
  const missing = printLeftOut(summary.leftOut);
  const failed = summary.failed + missing;
  console.log(`${summary.passed} passed, ${failed} failed`);
  return failed === 0 && summary.passed > 0 ? 0 : 1;
}

/** Ctrl-C reaches vitest, too, which ends by itself: we wait for it, and then clean up. */
function runVitest(options) {
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/test/reporter.js')}`];
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...options], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, SELENOSCAN_TEST_CLUSTER: folder, SELENOSCAN_TEST_SUMMARY: summaryFile },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** Prints what was left out and why; gives how many of these are failures. */
function printLeftOut(tests) {
  const reasons = new Map();
  for (const { file, reason } of tests) {
    const key = reason === '' ? `in ${file}` : reason;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) console.log(`Left out: ${count} (${reason})`);
  const postgres = findPostgres();
  if ('bin' in postgres) return 0;
  const wanting = reasons.get(postgres.missing) ?? 0;
  return process.env.CI === 'true' ? wanting : 0;
}
