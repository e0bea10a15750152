import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Files up to this size are told apart by their bytes, larger ones by size and time of change. */
const SMALL_BYTES = 2 ** 20;
const HEX = 32;

/**
 * What tells one version of an image file from another, 32 hex digits. Times count in whole seconds: not every
 * file system keeps more, and one may show more now than later.
 */
export async function imageIdentity(
  path: string,
  file: { readonly size: number; readonly mtimeMs: number },
): Promise<string> {
  const what =
    file.size <= SMALL_BYTES
      ? await readFile(path)
      : `${file.size} bytes, changed ${Math.floor(file.mtimeMs / 1000)}`;
  return createHash('sha256').update(what).digest('hex').slice(0, HEX);
}

/**
 * A product's row hash in a folder: its place and light first, then its file, so that each can be compared alone.
 * @param geometry bytes of the row, and of the camera model
 */
export function rowHashOf(geometry: readonly Uint8Array[], identity: string): string {
  const hash = createHash('sha256');
  for (const part of geometry) hash.update(String(part.length)).update(':').update(part);
  return hash.digest('hex').slice(0, HEX) + identity;
}

/** The part of a row hash that is of the image file. */
export function identityIn(rowHash: string): string {
  return rowHash.slice(HEX);
}
