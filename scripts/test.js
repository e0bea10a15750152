import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';
import { createClusterFolder, stopCluster } from './test/cluster.js';

/**
 * Runs the tests: `npm test [-- name filter and options of vitest]`. The last line printed is
 * `N passed, N failed`. With CI=true, whatever is left out is a failure.
 */
const root = fileURLToPath(new URL('..', import.meta.url));

/** What stands when the run ends before its tests do: sources that do not compile, a crash. */
let count = { passed: 0, failed: 1 };
process.on('exit', () => console.log(`${count.passed} passed, ${count.failed} failed`));

ensureBuilt();

// The first test that needs PostgreSQL starts it in this folder; it is stopped here, however the run ends.
const folder = createClusterFolder();
process.prependListener('exit', () => stopCluster(folder));

const summaryFile = join(folder, 'summary.json');
await runVitest(process.argv.slice(2));
if (existsSync(summaryFile)) {
  const { passed, failed, leftOut } = JSON.parse(readFileSync(summaryFile, 'utf8'));
  count = { passed, failed: failed + reportLeftOut(leftOut) };
}
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;

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

/** Prints in one sentence what was left out and why; gives how many of these are failures. */
function reportLeftOut(tests) {
  const reasons = new Map();
  for (const { file, reason } of tests) {
    const key = reason === '' ? `in ${file}` : reason;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
  }
  const parts = [...reasons].map(([reason, tally]) => `${tally} because ${reason}`);
  if (parts.length > 0) console.log(`Left out: ${parts.join('; ')}.`);
  return process.env.CI === 'true' ? tests.length : 0;
}
