import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../domain/errors.js';
import { hasEnded, ownerTag } from './owner-tag.js';

const NEEDS = {
  scan: 'set archive.download_dir to a folder with room for an image (about 100 MB)',
  index: 'set archive.download_dir to a folder with room for the index of a volume (about 60 MB)',
  demo: 'set TMPDIR to a folder with room for a database and an image (about 300 MB)',
} as const;
/** What is kept in a folder: images of scans, an archive's index, all of a demo. */
export type FolderPurpose = keyof typeof NEEDS;

/** Folders name their process, so that those of killed ones can be told. */
const FOLDER = /^selenoscan-(?:scan|index|demo)-([0-9a-f]{8}-\d+-[0-9a-f]{8})-\w{6}$/;
/** Whether a process of another host has ended cannot be asked: none works so long on a folder, ms. */
const OLD_MS = 86_400_000;

/**
 * A folder for what is downloaded and not kept; the caller removes it.
 * @throws OperationalError when `parent` cannot be written
 */
export async function createDownloadFolder(parent: string, purpose: FolderPurpose = 'scan'): Promise<string> {
  try {
    return await mkdtemp(join(parent, `selenoscan-${purpose}-${ownerTag()}-`));
  } catch (cause) {
    throw new OperationalError('download_dir', `${parent} cannot be written; ${NEEDS[purpose]}.`, { cause });
  }
}

/** Removes what killed processes left behind: those of this host, and any host's after a day. */
export async function removeAbandonedDownloads(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const [, owner] = FOLDER.exec(name) ?? [];
    if (owner === undefined) continue;
    const path = join(parent, name);
    if (hasEnded(owner) ?? (await isOld(path))) await rm(path, { recursive: true, force: true });
  }
}

async function isOld(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats !== null && Date.now() - stats.mtimeMs > OLD_MS;
}
