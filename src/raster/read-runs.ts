import type { ByteSource } from '../domain/bytes.js';
import { truncated } from './faults.js';

/** A piece of a file. */
export interface Piece {
  readonly offset: number;
  readonly count: number;
}

/** Bytes that may be read in vain to fetch neighbouring pieces by one read. */
const GAP_BYTES = 64 * 1024;
/** Bytes of one read, unless a single piece is longer. */
const MAX_RUN_BYTES = 2 ** 25;

/**
 * Reads pieces of a file by as few reads as their places allow: neighbours come together, whatever their order.
 *
 * @throws InvalidProductError `truncated`
 */
export async function readPieces(
  bytes: Pick<ByteSource, 'name' | 'read'>,
  pieces: readonly Piece[],
): Promise<Uint8Array[]> {
  const order = pieces.map((_, i) => i).sort((a, b) => pieces[a]!.offset - pieces[b]!.offset);
  const out = new Array<Uint8Array>(pieces.length);
  for (let next = 0; next < order.length;) {
    const from = pieces[order[next]!]!.offset;
    let end = from;
    let last = next;
    for (; last < order.length; last++) {
      const { offset, count } = pieces[order[last]!]!;
      const apart = offset > end + GAP_BYTES || offset + count - from > MAX_RUN_BYTES;
      if (last > next && apart) break;
      end = Math.max(end, offset + count);
    }
    const run = await bytes.read(from, end - from);
    for (; next < last; next++) {
      const i = order[next]!;
      const { offset, count } = pieces[i]!;
      out[i] = run.subarray(offset - from, offset - from + count);
      if (out[i].length < count) throw truncated(bytes.name, 'it became shorter while it was read');
    }
  }
  return out;
}
