import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../domain/errors.js';

/** An image to train on, not opened yet. */
export interface ImageFile {
  readonly path: string;
  readonly name: string;
}

const IMAGE_FILE = /\.(png|tiff?|img)$/i;
/** The number of a NAC exposure at the head of a file name: L, R, raw, calibrated and crops of it show one ground. */
const EXPOSURE = /^M\d{8,10}(?=\D|$)/;

/**
 * The PNG, TIFF and .IMG files of folders, in order of their names, and files named themselves. A file that is
 * named twice is listed once.
 * @param exclude files whose name contains one of these texts are left out.
 * @throws UsageError for a path that is not there, a file of another kind, or where nothing is left.
 */
export async function listImages(
  paths: readonly string[],
  exclude: readonly string[] = [],
): Promise<ImageFile[]> {
  const files = new Map<string, ImageFile>();
  for (const given of paths) {
    for (const file of await imagesAt(given)) {
      const name = path.basename(file);
      if (!exclude.some((text) => name.includes(text))) files.set(path.resolve(file), { path: file, name });
    }
  }
  if (files.size === 0)
    throw new UsageError(`There is no PNG, TIFF or .IMG image left to train on in ${paths.join(', ')}.`);
  return [...files.values()];
}

async function imagesAt(given: string): Promise<string[]> {
  const information = await stat(given).catch(() => null);
  if (information === null)
    throw new UsageError(
      `There is no folder or file ${given}: name one of PNG, TIFF or .IMG images, or such an image.`,
    );
  if (information.isDirectory()) {
    const names = await readdir(given);
    return names
      .filter((name) => IMAGE_FILE.test(name))
      .sort()
      .map((name) => path.join(given, name));
  }
  if (!IMAGE_FILE.test(given))
    throw new UsageError(`${given} is not named as a PNG, TIFF or .IMG image: rename it, or name another.`);
  return [given];
}

/** What files show the same ground by their names: an exposure, or else the file's own name. */
export function groundOf(name: string): string {
  return EXPOSURE.exec(name)?.[0] ?? name;
}
