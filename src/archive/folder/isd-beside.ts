import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isPassing, readFileName } from './file-name.js';

/**
 * The camera model to take of several of one image: one whose name says that it is one, `_isd.json`, before a
 * plain `.json`, then by name.
 */
export function preferredIsd<File extends { readonly name: string }>(files: readonly File[]): File | null {
  const rank = ({ name }: File) => `${/isd\.json$/i.test(name) ? 0 : 1}${name}`;
  return [...files].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0] ?? null;
}

/** Path of the camera model beside an image; null where there is none. */
export async function isdBeside(imagePath: string): Promise<string | null> {
  const image = readFileName(basename(imagePath));
  if (image === null) return null;
  const names = await readdir(dirname(imagePath));
  const models = names.filter((name) => {
    const named = readFileName(name);
    return !isPassing(name) && named?.kind === 'isd' && named.imageId === image.imageId;
  });
  const found = preferredIsd(models.map((name) => ({ name })));
  return found && join(dirname(imagePath), found.name);
}
