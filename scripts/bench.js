import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';

/** Runs benches: `node scripts/bench.js memory/scan [its options]`, all of speed without a name; compiles them first. */
const root = fileURLToPath(new URL('..', import.meta.url));
ensureBuilt();
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
run([tsc, '-p', join(root, 'tsconfig.bench.json')]);
run([join(root, 'dist', 'bench', 'bench', 'run.js'), ...process.argv.slice(2)]);

function run(command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}
