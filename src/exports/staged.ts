import { access, constants, lstat, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OperationalError, UsageError } from '../domain/errors.js';

/** What an export makes: a file or a folder, and files that lie beside it. */
export interface Target {
  /** As the user gave it. */
  readonly path: string;
  /** Paths of the others. */
  readonly beside: readonly string[];
  /** Whether what is there already is replaced. */
  readonly force: boolean;
}

/** The file that tells a folder that an export made. */
const CATALOGUE = 'catalog.json';

/**
 * Asked before the work is done.
 * @throws UsageError where the folder cannot be written, or something is in the way
 */
export async function checkTarget(target: Target): Promise<void> {
  if (target.path === '') throw new UsageError('The file to write has no name; give its path.');
  const folder = dirname(resolve(target.path));
  const isFolder = (await stat(folder).catch(() => null))?.isDirectory() === true;
  await (isFolder ? access(folder, constants.W_OK) : Promise.reject(new Error('no folder'))).catch(
    (cause: unknown) => {
      throw new UsageError(
        `${target.path}: its folder is not there or cannot be written; give another one.`,
        { cause },
      );
    },
  );
  if (target.force) return assertReplaceable(target.path);
  for (const path of [target.path, ...target.beside])
    if (await isInTheWay(path))
      throw new UsageError(`${path} is there already; give another name, or replace it by --force.`);
}

/** A folder goes with all that it holds: only what an export made is replaced. */
async function assertReplaceable(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there?.isDirectory() !== true) return;
  const names = await readdir(path);
  if (names.length > 0 && !names.includes(CATALOGUE))
    throw new UsageError(
      `${path} is a folder that holds other things than an export and is not replaced; give another name.`,
    );
}

async function isInTheWay(path: string): Promise<boolean> {
  const there = await lstat(path).catch(() => null);
  if (there === null) return false;
  return !there.isDirectory() || (await readdir(path)).length > 0;
}

/**
 * Lets an export be written into a folder beside its target and then moves it there, so that nobody sees half of
 * it and a broken one leaves nothing.
 *
 * @param write makes the file or folder of this path, whose last part is the target's, and those beside it
 * @returns bytes of all that was written
 * @throws OperationalError when it cannot be written
 */
export async function writeStaged(target: Target, write: (path: string) => Promise<void>): Promise<number> {
  const final = resolve(target.path);
  const [folder, name] = [dirname(final), basename(final)];
  const staging = await mkdtemp(join(folder, `.${name}.`)).catch((error: unknown) => {
    // Within the folder everything is made by us: there this code would mean another thing.
    throw explained(error, target.path, { ENOENT: 'its folder is not there' });
  });
  try {
    await write(join(staging, name));
    await onDisk(join(staging, name));
    const bytes = await sizeOf(staging);
    for (const path of [...target.beside.map((each) => resolve(each)), final])
      await move(join(staging, basename(path)), path, staging);
    return bytes;
  } catch (error) {
    throw explained(error, target.path);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A folder that is in the way is moved aside, as it cannot be replaced in one step. */
async function move(from: string, to: string, staging: string): Promise<void> {
  const there = await lstat(to).catch(() => null);
  if (there?.isDirectory() === true) await rename(to, join(staging, `${basename(to)}.replaced`));
  await rename(from, to);
}

/** A file is whole on disk before it takes the place of another. */
async function onDisk(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await sizeOf(path) : (await stat(path)).size;
  }
  return bytes;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  EACCES: 'its folder is not yours to write',
  EPERM: 'its folder is not yours to write',
  EROFS: 'its disk is read-only',
  EFBIG: 'it grows larger than a file may be there',
};

/** Errors of the file system in one sentence; others as they are. */
function explained(error: unknown, path: string, more: typeof REASONS = {}): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined ? undefined : (more[code] ?? REASONS[code]);
  if (reason === undefined) return error;
  return new OperationalError('out', `${path} cannot be written: ${reason}; give another place.`, {
    cause: error,
  });
}
