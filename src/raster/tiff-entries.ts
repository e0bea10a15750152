import type { ByteSource } from '../domain/bytes.js';

/** Entries of a directory; a pyramid's have some twenty. */
const MAX_ENTRIES = 4096;
/** Bytes of a value by the type of its entry, from 1 on (TIFF 6.0, section 2; BigTIFF has 16 to 18). */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/**
 * Checks that no entry of a directory claims more than the whole file holds, before memory is taken for it, and that
 * none stands there twice: readers differ in which one they take.
 *
 * @param fileSize bytes
 * @param offset of the directory
 * @throws Error saying what is claimed
 */
export async function checkTiffEntries(
  bytes: Pick<ByteSource, 'read'>,
  fileSize: number,
  offset: number,
  { bigTiff, littleEndian }: { readonly bigTiff: boolean; readonly littleEndian: boolean },
): Promise<void> {
  const [countBytes, entryBytes] = bigTiff ? [8, 20] : [2, 12];
  const read = async (at: number, length: number) => {
    const { buffer, byteOffset, byteLength } = await bytes.read(at, length);
    return new DataView(buffer, byteOffset, byteLength);
  };
  const head = await read(offset, countBytes);
  // What lies beyond the end of the file is told by whoever reads it.
  if (head.byteLength < countBytes) return;
  const entries = bigTiff ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian);
  if (entries > MAX_ENTRIES) throw new Error(`A directory claims ${entries} entries.`);
  const view = await read(offset + countBytes, entries * entryBytes);
  const tags = new Set<number>();
  for (let at = 0; at + entryBytes <= view.byteLength; at += entryBytes) {
    const tag = view.getUint16(at, littleEndian);
    if (tags.has(tag)) throw new Error(`A directory has the tag ${tag} twice.`);
    tags.add(tag);
    const size = TYPE_BYTES[view.getUint16(at + 2, littleEndian)] ?? 0;
    const count = bigTiff
      ? Number(view.getBigUint64(at + 4, littleEndian))
      : view.getUint32(at + 4, littleEndian);
    if (size * count > fileSize) throw new Error(`A value of a directory claims ${size * count} bytes.`);
  }
}
