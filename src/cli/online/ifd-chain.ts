import { OperationalError } from '../../domain/errors.js';
import type { ByteSource } from '../../domain/bytes.js';

/** One directory of a TIFF, as it stands in the file. */
export interface Directory {
  /** `0`, `1` … along the chain; `0.1` is the first sub-directory of the first. */
  readonly place: string;
  readonly tags: ReadonlyMap<number, readonly number[]>;
}

export interface IfdChain {
  readonly bigTiff: boolean;
  readonly littleEndian: boolean;
  readonly directories: readonly Directory[];
}

const TYPE_BYTES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  13: 4,
  16: 8,
  18: 8,
};
const SUB_IFDS = 330;
const MOST = 32;
/** Longer lists, such as the places of tiles, are told by their length only. */
const MOST_VALUES = 16;

/** The directories of a TIFF in the file's order, chained ones and those below them. */
export async function readIfdChain(bytes: ByteSource): Promise<IfdChain> {
  const head = Buffer.from(await bytes.read(0, 16));
  const mark = head.toString('latin1', 0, 2);
  const littleEndian = mark === 'II';
  const version = littleEndian ? head.readUInt16LE(2) : head.readUInt16BE(2);
  if ((mark !== 'II' && mark !== 'MM') || (version !== 42 && version !== 43))
    throw new OperationalError(
      'no_tiff',
      `${bytes.path} is no TIFF: it begins ${head.toString('hex', 0, 8)}`,
    );
  const bigTiff = version === 43;
  const read = reader(littleEndian);
  const directories: Directory[] = [];

  const walk = async (start: number, prefix: string): Promise<void> => {
    let offset = start;
    for (let n = 0; offset !== 0 && directories.length < MOST; n++) {
      const [countBytes, entryBytes, pointerBytes] = bigTiff ? [8, 20, 8] : [2, 12, 4];
      const count = read(Buffer.from(await bytes.read(offset, countBytes)), 0, countBytes);
      if (!(count > 0 && count < 1000))
        throw new OperationalError('no_tiff', `${bytes.path}: a directory of ${count} tags`);
      const body = Buffer.from(await bytes.read(offset + countBytes, count * entryBytes + pointerBytes));
      const tags = new Map<number, readonly number[]>();
      for (let e = 0; e < count; e++) {
        const at = e * entryBytes;
        tags.set(read(body, at, 2), await values(body, at));
      }
      const place = `${prefix}${n}`;
      directories.push({ place, tags });
      for (const [i, below] of (tags.get(SUB_IFDS) ?? []).entries()) await walk(below, `${place}.${i + 1}/`);
      offset = read(body, count * entryBytes, pointerBytes);
    }
  };

  const values = async (body: Buffer, at: number): Promise<number[]> => {
    const type = TYPE_BYTES[read(body, at + 2, 2)];
    const count = read(body, at + 4, bigTiff ? 8 : 4);
    const room = bigTiff ? 8 : 4;
    const field = at + (bigTiff ? 12 : 8);
    if (type === undefined || count > MOST_VALUES) return [];
    const inline = count * type <= room;
    const data = inline
      ? body.subarray(field, field + room)
      : Buffer.from(await bytes.read(read(body, field, room), count * type));
    return Array.from({ length: count }, (_, i) => read(data, i * type, type));
  };

  await walk(bigTiff ? read(head, 8, 8) : read(head, 4, 4), '');
  return { bigTiff, littleEndian, directories };
}

function reader(littleEndian: boolean): (buffer: Buffer, at: number, bytes: number) => number {
  return (buffer, at, bytes) => {
    if (bytes === 8) return Number(littleEndian ? buffer.readBigUInt64LE(at) : buffer.readBigUInt64BE(at));
    return littleEndian ? buffer.readUIntLE(at, bytes) : buffer.readUIntBE(at, bytes);
  };
}
