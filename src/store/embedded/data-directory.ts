import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import { isLockFile } from './directory-lock.js';
import { engineVersions, type EngineVersions } from './engine-versions.js';

/** Says what the directory holds; beside it lie the lock and the engine's own files. */
const MARKER = 'database.json';
const DATA = 'pgdata';

interface Marker extends EngineVersions {
  /** `creating` until the database is whole: until then nothing in it was ever acknowledged. */
  readonly state: 'creating' | 'ready';
}

/** Where the engine keeps its files. */
export function dataFolder(dir: string): string {
  return join(dir, DATA);
}

/**
 * Makes the directory where need be, and proves that it can be written to.
 *
 * @throws OperationalError where it cannot be made or written to.
 */
export async function makeDirectory(dir: string): Promise<void> {
  const probe = join(dir, `.writable.${process.pid}`);
  try {
    await mkdirs(dir);
    await writeFile(probe, '');
    await rm(probe, { force: true });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const isFile = code === 'EEXIST' || code === 'ENOTDIR';
    throw new OperationalError(
      'database_directory',
      isFile
        ? `${dir} cannot hold a database, because a file is in the way: name a directory.`
        : `${dir} cannot hold a database (${code}): name a directory that this user may write to.`,
      { cause: error },
    );
  }
}

/** The recursive one of Node goes round in circles where a file system has no room for folders, as /proc. */
async function mkdirs(dir: string): Promise<void> {
  try {
    await mkdir(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return;
    if (code !== 'ENOENT' || (await exists(dirname(dir)))) throw error;
    await mkdirs(dirname(dir));
    await mkdir(dir);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/**
 * What the directory holds: nothing yet (or a creation that never ended), or a database for this engine.
 *
 * @throws OperationalError where it holds something else, or a database of another engine.
 */
export async function inspectDirectory(dir: string): Promise<'new' | 'ready'> {
  const marker = await readMarker(dir);
  if (marker === null) {
    const names = (await readdir(dir)).filter((name) => !isLockFile(name) && !name.startsWith('.'));
    if (names.length === 0) return 'new';
    const what = names.includes('PG_VERSION')
      ? 'a database that another program made'
      : 'other files and no database';
    throw new OperationalError(
      'database_foreign',
      `${dir} holds ${what}: name an empty directory, or one that selenoscan made.`,
    );
  }
  const own = engineVersions();
  if (marker.pglite !== own.pglite || marker.postgis !== own.postgis) {
    throw new OperationalError(
      'database_version',
      `The database in ${dir} was made by PGlite ${marker.pglite} with PostGIS package ${marker.postgis}, and this version has ${own.pglite} and ${own.postgis}: open it with the version of selenoscan that made it, or name a new directory.`,
    );
  }
  if (marker.state === 'creating') return 'new';
  const whole = await stat(join(dir, DATA, 'PG_VERSION')).catch(() => null);
  if (whole === null) throw damaged(dir, `${DATA}/PG_VERSION is missing`);
  return 'ready';
}

/** Whether the directory was ever made a database, of whatever state and version. */
export async function holdsDatabase(dir: string): Promise<boolean> {
  return exists(join(dir, MARKER));
}

/** Begins a creation: what an earlier one left is removed. */
export async function beginCreation(dir: string): Promise<void> {
  await writeMarker(dir, 'creating');
  await rm(join(dir, DATA), { recursive: true, force: true });
  await mkdir(join(dir, DATA));
}

export async function endCreation(dir: string): Promise<void> {
  await writeMarker(dir, 'ready');
}

export function damaged(dir: string, reason: string, cause?: unknown): OperationalError {
  return new OperationalError(
    'database_damaged',
    `The database in ${dir} cannot be opened (${reason}): put a copy of the directory in its place, or name a new one.`,
    { cause },
  );
}

async function readMarker(dir: string): Promise<Marker | null> {
  let text: string;
  try {
    text = await readFile(join(dir, MARKER), 'utf8');
  } catch {
    return null;
  }
  try {
    const { state, pglite, postgis } = JSON.parse(text) as Partial<Marker>;
    const known = state === 'ready' || state === 'creating';
    if (known && typeof pglite === 'string' && typeof postgis === 'string') return { state, pglite, postgis };
  } catch {
    // Told below.
  }
  throw damaged(dir, `${MARKER} is not what selenoscan writes`);
}

async function writeMarker(dir: string, state: Marker['state']): Promise<void> {
  const aside = join(dir, `.${MARKER}`);
  await writeFile(aside, `${JSON.stringify({ state, ...engineVersions() } satisfies Marker)}\n`);
  await rename(aside, join(dir, MARKER));
}
