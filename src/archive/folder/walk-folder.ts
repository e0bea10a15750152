import { constants, type Dirent } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { OperationalError, TransientError } from '../../domain/errors.js';
import { isPassing } from './file-name.js';

/** A file as it was found. */
export interface FileRef {
  /** Folder below the root with forward slashes; '' is the root. One string for all files of a folder. */
  readonly dir: string;
  readonly name: string;
  readonly size: number;
  /** Time of the last change of its bytes, as whoever wrote it may set it, ms. */
  readonly mtimeMs: number;
  /** Time of the last change of anything, which only the file system sets, ms. */
  readonly ctimeMs: number;
}

/** One folder with the files in it that were asked for, by name. */
export interface Listing {
  readonly dir: string;
  readonly files: readonly FileRef[];
  /** Names of the files that were not asked for. */
  readonly others: readonly string[];
}

/** Files that are looked at together: on a network mount each takes a round trip. */
const AT_ONCE = 32;

/** Path below the root with forward slashes. */
export function pathOf({ dir, name }: Pick<FileRef, 'dir' | 'name'>): string {
  return dir === '' ? name : `${dir}/${name}`;
}

/** Whether a real path is the root or lies below it. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/**
 * Walks a folder and all below it, in the order of names. Linked folders are not followed: those inside are
 * found where they are, others are none of ours. A linked file counts where it leads to a file inside.
 * @param root real path
 * @param wanted names of files whose size and times are needed
 * @param onUnreadable told of folders that may not be read
 * @throws TransientError when the root itself cannot be read
 */
export async function* walkFolder(
  root: string,
  wanted: (name: string) => boolean,
  onUnreadable: (dir: string) => void,
  signal?: AbortSignal,
): AsyncGenerator<Listing> {
  const ahead = [''];
  for (let dir = ahead.pop(); dir !== undefined; dir = ahead.pop()) {
    signal?.throwIfAborted();
    const entries = await entriesOf(root, dir, onUnreadable);
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const below: string[] = [];
    const asked: Dirent[] = [];
    const others: string[] = [];
    for (const entry of entries) {
      if (isPassing(entry.name)) continue;
      if (entry.isDirectory()) below.push(pathOf({ dir, name: entry.name }));
      else if (!entry.isFile() && !entry.isSymbolicLink()) continue;
      else if (wanted(entry.name)) asked.push(entry);
      else others.push(entry.name);
    }
    ahead.push(...below.reverse());
    const files: FileRef[] = [];
    for (let at = 0; at < asked.length; at += AT_ONCE) {
      const found = await Promise.all(asked.slice(at, at + AT_ONCE).map((entry) => refOf(root, dir, entry)));
      files.push(...found.filter((ref) => ref !== null));
    }
    yield { dir, files, others };
  }
}

/**
 * The folder's real path.
 * @throws OperationalError when it is no folder or cannot be read
 */
export async function realFolder(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if (!(await stat(root)).isDirectory()) {
      throw new OperationalError(
        'folder',
        `${folder} is not a folder; set archive.folder to one with images.`,
      );
    }
    await access(root, constants.R_OK | constants.X_OK);
    return root;
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    const message =
      codeOf(cause) === 'ENOENT'
        ? `There is no folder ${folder}; check archive.folder and whether its disk is mounted.`
        : `The folder ${folder} cannot be read (${reasonOf(cause)}); check archive.folder and its permissions.`;
    throw new OperationalError('folder', message, { cause });
  }
}

/** The same file as it is now; null where it is gone. */
export async function lookAgain(root: string, file: Pick<FileRef, 'dir' | 'name'>): Promise<FileRef | null> {
  const { dir, name } = file;
  const stats = await stat(join(root, dir, name)).catch(() => null);
  if (stats === null || !stats.isFile()) return null;
  return { dir, name, size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs };
}

/** Code of a file system's error, such as ENOENT. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function entriesOf(root: string, dir: string, onUnreadable: (dir: string) => void): Promise<Dirent[]> {
  try {
    return await readdir(join(root, dir), { withFileTypes: true });
  } catch (cause) {
    if (dir === '') {
      const message = `The folder ${root} cannot be read (${reasonOf(cause)}); it is looked at again later.`;
      throw new TransientError('folder', message, { cause });
    }
    // Gone since it was listed.
    if (codeOf(cause) !== 'ENOENT') onUnreadable(dir);
    return [];
  }
}

async function refOf(root: string, dir: string, entry: Dirent): Promise<FileRef | null> {
  if (entry.isSymbolicLink()) {
    const target = await realpath(join(root, dir, entry.name)).catch(() => null);
    if (target === null || !isInside(root, target)) return null;
  }
  return lookAgain(root, { dir, name: entry.name });
}
