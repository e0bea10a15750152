import { open } from 'node:fs/promises';
import { TransientError } from '../../domain/errors.js';
import type { Announced, IndexCounts } from '../archive-source.js';
import type { IndexLayout } from './index-layout.js';
import { parseIndexRecord, type IndexRow } from './index-record.js';

/** Records read at once: ~460 kB, whatever the length of the table. */
const RECORDS_PER_READ = 512;

export function emptyCounts(): IndexCounts {
  return { records: 0, products: 0, passedOver: {}, invalid: {}, warnings: {} };
}

/**
 * Yields the products of an INDEX.TAB on disk, in its order, and counts every record into `counts`.
 * @param source the table's address, for messages
 * @throws TransientError when the table is cut short or its records do not line up
 */
export async function* readIndexTable(
  path: string,
  layout: IndexLayout,
  counts: IndexCounts,
  source: string,
): AsyncGenerator<Announced> {
  const { recordBytes } = layout;
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(recordBytes * RECORDS_PER_READ);
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      if (bytesRead < recordBytes) {
        if (bytesRead > 0) throw misaligned(source, recordBytes);
        break;
      }
      const whole = bytesRead - (bytesRead % recordBytes);
      for (let at = 0; at < whole; at += recordBytes) {
        const record = buffer.subarray(at, at + recordBytes);
        checkRecord(record, source);
        const announced = countRow(record, layout, counts);
        if (announced !== null) yield announced;
      }
      position += whole;
    }
  } finally {
    await file.close();
  }
  if (layout.rows !== null && counts.records !== layout.rows) {
    throw new TransientError(
      'index_truncated',
      `${source} has ${counts.records} records where its label says ${layout.rows}; it is asked again later.`,
    );
  }
}

function countRow(record: Buffer, layout: IndexLayout, counts: IndexCounts): Announced | null {
  return countIn(counts, parseIndexRecord(record, layout.columns));
}

/** Counts a row by what became of it; gives its product, null where it is none. */
export function countIn(counts: IndexCounts, row: IndexRow): Announced | null {
  counts.records++;
  if (row.kind !== 'product') {
    count(row.kind === 'invalid' ? counts.invalid : counts.passedOver, row.reason);
    return null;
  }
  const { product, doubt } = row;
  if (doubt?.skips === true) count(counts.invalid, doubt.code);
  else counts.products++;
  if (doubt?.skips === false) count(counts.warnings, doubt.code);
  return { product, doubt };
}

function count(group: Record<string, number>, reason: string): void {
  group[reason] = (group[reason] ?? 0) + 1;
}

/**
 * A record begins with a quote and ends its line; anything else is a table that is shifted or no table.
 * @throws TransientError
 */
export function checkRecord(record: Uint8Array, source: string): void {
  if (record[0] !== 0x22 || record[record.length - 1] !== 0x0a) throw misaligned(source, record.length);
}

export function misaligned(source: string, recordBytes: number): TransientError {
  return new TransientError(
    'index_truncated',
    `${source} is not a sequence of ${recordBytes}-byte records; it is asked again later.`,
  );
}
