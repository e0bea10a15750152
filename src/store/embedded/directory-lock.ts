import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperationalError } from '../../domain/errors.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

const PREFIX = 'lock.';
/** How long two that begin at once step back before one another, ms. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 25;

interface LockFile extends ProcessIdentity {
  /** False while its process still looks whether another one has the directory. */
  readonly held: boolean;
}

export interface DirectoryLock {
  release(): Promise<void>;
}

export function isLockFile(name: string): boolean {
  return name.startsWith(PREFIX);
}

/**
 * Takes a directory for this process alone; the engine itself has no lock. Each process writes a file of a
 * name that no other ever has, and only then looks for others: of two, the later one to look sees the other,
 * so never both go on. Files of processes that ended are removed, which can hurt nobody.
 *
 * @throws OperationalError `database_in_use` naming the directory and the process that has it.
 */
export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  const own = await ownIdentity();
  const name = `${PREFIX}${own.pid}.${randomUUID()}`;
  const path = join(dir, name);
  const removeAtExit = (): void => rmSync(path, { force: true });
  const release = async (): Promise<void> => {
    process.off('exit', removeAtExit);
    await rm(path, { force: true });
  };
  process.once('exit', removeAtExit);
  const deadline = Date.now() + PATIENCE_MS;
  try {
    for (;;) {
      await writeLock(dir, name, { ...own, held: false });
      const others = await otherLocks(dir, name);
      if (others.length === 0) {
        await writeLock(dir, name, { ...own, held: true });
        return { release };
      }
      const holder = others.find(({ lock }) => lock?.held === true);
      const first = others[0];
      if (first !== undefined && (holder !== undefined || Date.now() > deadline))
        throw inUse(dir, holder ?? first);
      // Among beginners the one whose name sorts first stays, the others make room for a while.
      if (others.some((other) => other.name < name)) await rm(path, { force: true });
      await sleep(PAUSE_MS * (1 + Math.random()));
    }
  } catch (error) {
    await release();
    throw error;
  }
}

interface OtherLock {
  readonly name: string;
  /** Null where it cannot be read. */
  readonly lock: LockFile | null;
}

/** Locks of processes that still run; those of others are removed. */
async function otherLocks(dir: string, own: string): Promise<OtherLock[]> {
  const names = (await readdir(dir)).filter((name) => isLockFile(name) && name !== own);
  const found = await Promise.all(
    names.map(async (name): Promise<OtherLock | null> => {
      const text = await readFile(join(dir, name), 'utf8').catch((error: NodeJS.ErrnoException) =>
        // Released meanwhile; one that may not be read is somebody's.
        error.code === 'ENOENT' ? null : '',
      );
      if (text === null) return null;
      const lock = parseLock(text);
      if (lock === null || (await isRunning(lock))) return { name, lock };
      await rm(join(dir, name), { force: true });
      return null;
    }),
  );
  return found.filter((other) => other !== null);
}

/** Never half there: it is written aside. */
async function writeLock(dir: string, name: string, lock: LockFile): Promise<void> {
  const aside = join(dir, `.${name}`);
  await writeFile(aside, JSON.stringify(lock));
  await rename(aside, join(dir, name));
}

function parseLock(text: string): LockFile | null {
  try {
    const { host, pid, started, held } = JSON.parse(text) as Partial<LockFile>;
    if (typeof host !== 'string' || typeof pid !== 'number' || typeof started !== 'string') return null;
    return { host, pid, started, held: held === true };
  } catch {
    return null;
  }
}

function inUse(dir: string, { name, lock }: OtherLock): OperationalError {
  return new OperationalError('database_in_use', `The database in ${dir} ${whose(name, lock)}`);
}

function whose(name: string, lock: LockFile | null): string {
  if (lock === null)
    return `holds the lock file ${name}, which cannot be read: remove it if no process uses the database.`;
  const remedy = 'stop that process first, or name another directory';
  if (lock.host === hostname()) return `is in use by process ${lock.pid}: ${remedy}.`;
  return `is in use by process ${lock.pid} on ${lock.host}: ${remedy}; if it is gone for good, remove the file ${name} in the directory.`;
}
