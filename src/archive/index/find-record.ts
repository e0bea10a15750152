import type { ByteSource } from '../../domain/bytes.js';
import { productIdOf } from './index-record.js';
import { checkRecord, misaligned } from './index-table.js';
import type { IndexLayout } from './index-layout.js';

/**
 * INDEX.TAB is sorted by PRODUCT_ID, of nine and of ten digits in one volume, padded on the left: it was not
 * seen whether blanks take part in the order, so each reading of it is tried where they differ.
 */
const ORDERS: readonly ((id: string) => string)[] = [(id) => id.trim(), (id) => id];

/**
 * Finds a product's record in INDEX.TAB by bisection.
 * @param bytes the table, of which a few records are read
 * @throws TransientError when it is not a sequence of whole records
 */
export async function findRecord(
  bytes: ByteSource,
  layout: IndexLayout,
  productId: string,
): Promise<Uint8Array | null> {
  const { recordBytes, columns } = layout;
  const count = bytes.size / recordBytes;
  const complete = layout.rows === null || layout.rows === count;
  if (!Number.isInteger(count) || !complete) throw misaligned(bytes.path, recordBytes);
  const padded = productId.padStart(columns.get('PRODUCT_ID')?.bytes ?? 0);
  let lengthsDiffer = false;
  for (const order of ORDERS) {
    const wanted = order(padded);
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const record = await bytes.read(middle * recordBytes, recordBytes);
      checkRecord(record, bytes.path);
      const id = productIdOf(record, columns);
      if (id.trim() === productId) return record;
      lengthsDiffer ||= id.trim().length !== productId.length;
      if (order(id) < wanted) low = middle + 1;
      else high = middle;
    }
    if (!lengthsDiffer) return null;
  }
  return null;
}

/**
 * The same by reading the table from its beginning; what follows the record is not read.
 * @param chunks the table's bytes in order
 */
export async function streamToRecord(
  chunks: AsyncIterable<Buffer>,
  layout: IndexLayout,
  productId: string,
  source: string,
): Promise<Uint8Array | null> {
  const { recordBytes, columns } = layout;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + recordBytes <= data.length; at += recordBytes) {
      const record = data.subarray(at, at + recordBytes);
      checkRecord(record, source);
      if (productIdOf(record, columns).trim() === productId) return Uint8Array.from(record);
    }
    rest = data.subarray(at);
  }
  if (rest.length > 0) throw misaligned(source, recordBytes);
  return null;
}
