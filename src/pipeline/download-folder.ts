import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../domain/errors.js';

/** Folders carry the number of their process, so that those of killed ones can be told. */
const FOLDER = /^selenoscan-(?:scan|demo)-(\d+)-/;

/**
 * A folder for one download, or for all that a demo keeps; the caller removes it.
 * @throws OperationalError when `parent` cannot be written
 */
export async function createDownloadFolder(
  parent: string,
  purpose: 'scan' | 'demo' = 'scan',
): Promise<string> {
  try {
    return await mkdtemp(join(parent, `selenoscan-${purpose}-${process.pid}-`));
  } catch (cause) {
    throw new OperationalError(
      'download_dir',
      purpose === 'scan'
        ? `${parent} cannot be written; set archive.download_dir to a folder with room for an image (about 100 MB).`
        : `${parent} cannot be written; set TMPDIR to a folder with room for a database and an image (about 300 MB).`,
      { cause },
    );
  }
}

/** Removes what killed processes of this machine left behind. */
export async function removeAbandonedDownloads(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(FOLDER.exec(name)?.[1] ?? NaN);
    if (pid > 0 && !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
