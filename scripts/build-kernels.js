import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src', 'kernels');
const dist = join(root, 'dist');
const made = join(dist, 'kernels.wasm');
const stamp = join(dist, '.kernels-from');
// With names of functions, which profiles show.
const OPTIONS = [
  '--debug',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '-O3',
  '--converge',
  '--noAssert',
  '--noColors',
];

/**
 * Compiles src/kernels to dist/kernels.wasm where that was not made from these sources. What others read meanwhile is
 * whole: it is replaced in one step. Throws what the compiler says.
 */
export function buildKernels() {
  const wanted = hashOfSources();
  if (existsSync(made) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(dist, { recursive: true });
  const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  const part = join(dist, `kernels.${process.pid}.wasm`);
  const options = [join(source, 'index.ts'), ...OPTIONS, '--outFile', part];
  const { status, stderr } = spawnSync(process.execPath, [compiler, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  renameSync(part, made);
  writeFileSync(stamp, wanted);
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const name of readdirSync(source).sort()) hash.update(name).update(readFileSync(join(source, name)));
  return hash.update(OPTIONS.join()).digest('hex');
}
