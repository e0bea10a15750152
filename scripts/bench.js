import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.js';

/** Runs one bench: `node scripts/bench.js memory/scan [its options]`; sources are compiled first. */
const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...options] = process.argv.slice(2);
if (name === undefined || !existsSync(join(root, 'bench', `${name}.ts`))) {
  console.error(
    'usage: npm run bench -- memory/scan|memory/raster|quality/landers|quality/benchmark|quality/calibration|quality/crop-light|geo/isd|formats/products|formats/headroom|store/embedded|sites|archive/index|gis/ten-million|gis/export [options]',
  );
  process.exit(2);
}
ensureBuilt();
const tsc = createRequire(import.meta.url)
  .resolve('typescript/package.json')
  .replace(/package\.json$/, 'bin/tsc');
run([tsc, '-p', join(root, 'tsconfig.bench.json')]);
run([join(root, 'dist', 'bench', 'bench', `${name}.js`), ...options]);

function run(command) {
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}
