import type { ByteSource } from '../domain/bytes.js';
import { readPieces, type Piece } from './read-runs.js';
import type { SpareBytes } from './spare-bytes.js';

/**
 * Reads pieces of a file as `readPieces` does, into memory that is written over when `use` is done with them.
 *
 * @throws InvalidProductError `truncated`
 */
export async function usePieces<T>(
  bytes: ByteSource,
  pieces: readonly Piece[],
  spare: SpareBytes,
  use: (pieces: readonly Uint8Array[]) => T | Promise<T>,
): Promise<T> {
  const taken: Uint8Array<ArrayBuffer>[] = [];
  const read: ByteSource['read'] = (offset, length) => {
    const room = spare.take(length);
    taken.push(room);
    return bytes.read(offset, length, room);
  };
  const result = await use(await readPieces({ name: bytes.name, read }, pieces));
  for (const room of taken) spare.give(room);
  return result;
}
