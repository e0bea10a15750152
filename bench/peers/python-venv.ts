import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchCache } from '../harness/cache.js';
import { note } from '../harness/options.js';

/** What the comparisons are made with, each at one version so that figures can be repeated. */
export const PINNED = {
  torch: '2.15.0',
  numpy: '2.4.6',
  scipy: '1.17.1',
  tifffile: '2026.3.3',
  imagecodecs: '2026.3.6',
  rasterio: '1.4.4',
  psycopg: '3.3.9',
  'psycopg-binary': '3.3.9',
} as const;
export type PeerPackage = keyof typeof PINNED;

/** Of the pipeline in Python; the bench of scoring shares its environment, for PyTorch is large. */
export const PIPELINE_PACKAGES = [
  'torch',
  'numpy',
  'scipy',
  'rasterio',
  'psycopg',
  'psycopg-binary',
] as const satisfies readonly PeerPackage[];

/**
 * A Python with packages from PyPI in an environment of its own, made once and kept in the benches' cache.
 * SELENOSCAN_BENCH_PYTHON names the interpreter that it is made with (default python3).
 *
 * The wheel of PyTorch for Linux loads CUDA's libraries also where only the CPU is used, so they come with it:
 * some 5 GB.
 *
 * @returns path of its interpreter, or why there is none
 */
export function pythonWith(packages: readonly PeerPackage[]): { python: string } | { missing: string } {
  const wanted = [...packages].sort().map((name) => `${name}==${PINNED[name]}`);
  const key = createHash('sha256').update(wanted.join(' ')).digest('hex').slice(0, 12);
  const folder = join(benchCache('python'), key);
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'complete');
  if (existsSync(done)) return { python };
  const base = process.env['SELENOSCAN_BENCH_PYTHON'] ?? 'python3';
  note(`making a Python environment with ${wanted.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
  const steps = [
    [base, '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted],
  ];
  for (const [program = '', ...args] of steps) {
    const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
    if (status === 0) continue;
    const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    return { missing: `no Python environment with ${packages.join(', ')}: ${why}` };
  }
  writeFileSync(done, `${wanted.join('\n')}\n`);
  return { python };
}

/** Versions of packages as the environment has them, and of Python. */
export function versionsIn(python: string, packages: readonly PeerPackage[]): Record<string, string> {
  const script =
    'import json, sys, platform, importlib.metadata as m; ' +
    'print(json.dumps({"python": platform.python_version(), **{n: m.version(n) for n in sys.argv[1:]}}))';
  return JSON.parse(execFileSync(python, ['-c', script, ...packages], { encoding: 'utf8' })) as Record<
    string,
    string
  >;
}
