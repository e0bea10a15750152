import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernels } from './build-kernels.js';
import { buildPage } from './build-page.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.built-from');
const lock = join(root, 'dist', '.building');

/**
 * Compiles src/ to dist/, with the kernels, and bundles the page when the sources have changed since the last build; silent on
 * stdout. Content is compared, not time, so that a fresh checkout or a container layer needs no rebuild.
 */
export function ensureBuilt() {
  if (!existsSync(join(root, 'src'))) return;
  const wanted = sourceHash();
  if (builtFrom() === wanted) return;
  mkdirSync(join(root, 'dist'), { recursive: true });
  const release = takeLock();
  try {
    if (builtFrom() === wanted) return;
    const tsc = createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace(/package\.json$/, 'bin/tsc');
    rmSync(stamp, { force: true });
    // Types are checked by `npm run typecheck`: a newcomer's first run need not wait for it.
    const result = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (result.status !== 0) {
      process.stderr.write(
        `${result.stdout}${result.stderr}selenoscan: the sources do not compile; see above.\n`,
      );
      process.exit(1);
    }
    orEnd(() => buildPage(root, join(root, 'dist', 'page')), 'the page does not build');
    orEnd(buildKernels, 'the kernels do not build');
    writeFileSync(stamp, wanted);
  } finally {
    release();
  }
}

function orEnd(build, failure) {
  try {
    build();
  } catch (error) {
    process.stderr.write(`${error.message}\nselenoscan: ${failure}; see above.\n`);
    process.exit(1);
  }
}

function builtFrom() {
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
}

function sourceHash() {
  const hash = createHash('sha256');
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  visit(join(root, 'src'));
  for (const file of [
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/build-page.js',
    'scripts/build-kernels.js',
  ])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** One build at a time; the lock names its process, so that one left by a killed build does not hold. */
function takeLock() {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch {
      const holder = lockHolder();
      if (holder !== null && !isAlive(holder)) rmSync(lock, { force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

/** Null when there is none, or one whose process has not yet written its number. */
function lockHolder() {
  try {
    return Number(readFileSync(lock, 'utf8')) || null;
  } catch {
    return null;
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
