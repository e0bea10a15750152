import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const REMEDY = 'apt-get install -y --no-install-recommends postgresql-15 postgresql-15-postgis-3';

/** A throwaway server: nothing on it needs to survive a crash. */
const SETTINGS = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
};

/**
 * Where the PostgreSQL programs with PostGIS are, or the sentence that says what to install.
 * SELENOSCAN_TEST_WITHOUT=postgres hides them.
 *
 * @returns {{ bin: string } | { missing: string }}
 */
export function findPostgres() {
  if ((process.env.SELENOSCAN_TEST_WITHOUT ?? '').split(',').includes('postgres'))
    return { missing: `PostgreSQL is not installed: ${REMEDY}` };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.unshift(...versions.map((version) => join(debian, version, 'bin')));
  }
  const bins = folders.filter(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')),
  );
  if (bins.length === 0) return { missing: `PostgreSQL is not installed: ${REMEDY}` };
  const bin = bins.find(hasPostgis);
  return bin === undefined ? { missing: `PostGIS is not installed: ${REMEDY}` } : { bin };
}

function hasPostgis(bin) {
  const config = join(bin, 'pg_config');
  const shared = existsSync(config)
    ? spawnSync(config, ['--sharedir'], { encoding: 'utf8' }).stdout.trim()
    : '';
  const debian = bin.replace('/usr/lib/postgresql', '/usr/share/postgresql').replace(/\/bin$/, '');
  return [shared, debian].some((folder) => existsSync(join(folder, 'extension', 'postgis.control')));
}

/** A folder for a cluster that the server's user may enter, whoever we are. */
export function createClusterFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'selenoscan-postgres-'));
  chmodSync(folder, 0o755);
  return folder;
}

/**
 * Starts a server in `folder`; it outlives this process until stopCluster.
 *
 * @param {Record<string, string>} settings of the server beside those of every throwaway one
 * @returns {Promise<string>} connection string of its `postgres` database.
 */
export async function startCluster(folder, settings = {}) {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  const server = join(folder, 'server');
  mkdirSync(server);
  if (isRoot()) chownSync(server, ...idsOf('postgres'));
  const data = join(server, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  runAsServer(join(found.bin, 'initdb'), initdb, server);
  const port = await freePort();
  const lines = Object.entries({ ...SETTINGS, ...settings, port }).map(
    ([name, value]) => `${name} = '${value}'\n`,
  );
  appendFileSync(join(data, 'postgresql.conf'), lines.join(''));
  startServer(folder);
  return `postgresql://postgres@127.0.0.1:${port}/postgres`;
}

/** Starts the server in `folder` again, on the port that it had. */
export function startServer(folder) {
  const server = join(folder, 'server');
  const start = ['-D', join(server, 'data'), '-w', '-l', join(server, 'log'), 'start'];
  runAsServer(join(findPostgres().bin, 'pg_ctl'), start, server);
}

/** Stops the server in `folder` and leaves its data. @param {'fast' | 'immediate'} mode */
export function stopServer(folder, mode) {
  const server = join(folder, 'server');
  runAsServer(
    join(findPostgres().bin, 'pg_ctl'),
    ['-D', join(server, 'data'), '-w', '-m', mode, 'stop'],
    server,
  );
}

/** Stops the server in `folder`, if one was started, and removes the folder. */
export function stopCluster(folder) {
  const data = join(folder, 'server', 'data');
  if ('bin' in findPostgres() && existsSync(join(data, 'postmaster.pid'))) stopServer(folder, 'immediate');
  rmSync(folder, { recursive: true, force: true });
}

/** PostgreSQL refuses to run as root, so root runs it as the user that its package made. */
function runAsServer(program, options, cwd) {
  const [command, ...rest] = isRoot() ? ['runuser', '-u', 'postgres', '--', program] : [program];
  const result = spawnSync(command, [...rest, ...options], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (result.status !== 0) {
    throw new Error(`${program} failed: ${result.error?.message ?? result.stderr}`);
  }
}

function isRoot() {
  return process.getuid?.() === 0;
}

function idsOf(user) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`));
  if (line === undefined) throw new Error(`There is no user ${user}: ${REMEDY}.`);
  const [, , uid, gid] = line.split(':');
  return [Number(uid), Number(gid)];
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
