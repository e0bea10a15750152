import type { ByteSource } from '../domain/bytes.js';

const PAGE_BYTES = 64 * 1024;
/** 4 MB: the directories of a pyramid lie in a few places. */
const MOST_PAGES = 64;

/**
 * The same bytes, read by pages that are kept: directories are read in some hundred pieces of a few bytes, and
 * each read of a file that lies on a server costs a round trip. Reads longer than a page go through.
 */
export function pagedBytes(bytes: ByteSource): Pick<ByteSource, 'read'> {
  const pages = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  const page = (index: number): Promise<Uint8Array<ArrayBuffer>> => {
    const kept = pages.get(index);
    if (kept !== undefined) return kept;
    if (pages.size >= MOST_PAGES) pages.clear();
    const read = bytes.read(index * PAGE_BYTES, PAGE_BYTES);
    pages.set(index, read);
    return read;
  };
  return {
    async read(offset, length) {
      if (length > PAGE_BYTES || !(offset >= 0)) return bytes.read(offset, length);
      const first = Math.floor(offset / PAGE_BYTES);
      const last = Math.floor((offset + Math.max(length, 1) - 1) / PAGE_BYTES);
      const parts = await Promise.all(first === last ? [page(first)] : [page(first), page(last)]);
      const joined = parts.length === 1 ? parts[0] : Uint8Array.from(Buffer.concat(parts));
      const from = offset - first * PAGE_BYTES;
      return joined.slice(from, from + length);
    },
  };
}
