import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../../domain/errors.js';
import type { Product } from '../../domain/product.js';
import { parseIndexLabel, type ColumnSpan } from './index-layout.js';
import { faultOfRow, parseIndexRecord, productIdOf } from './index-record.js';
import { KNOWN_LAYOUTS } from './known-layouts.js';

type Columns = ReadonlyMap<string, ColumnSpan>;

/** CR and LF, which records of the archive end in; a copied row may lack them. */
const LINE_END = '\r\n';

/**
 * Reads an image's row from a file with one or more records of INDEX.TAB, or a whole table; a label beside it
 * (`INDEX.LBL`) tells its columns, else the length of the records.
 * @param id the image's product id, or its image id without the last letter; null takes a file's only row.
 *   A row of the other data set is taken too: both are of one image.
 * @throws UsageError in one sentence when there is no such row
 */
export async function readIndexRow(path: string, id: string | null): Promise<Product> {
  const name = basename(path);
  const labelled = await labelledLayout(path);
  const rows: { id: string; record: Buffer; columns: Columns }[] = [];
  let seen = 0;
  for await (const line of linesOf(path)) {
    if (line.trim() === '') continue;
    const record = Buffer.from(line + LINE_END, 'latin1');
    const columns =
      labelled?.recordBytes === record.length ? labelled.columns : KNOWN_LAYOUTS.get(record.length);
    if (columns === undefined || !line.startsWith('"')) throw noRecords(name);
    seen++;
    const rowId = productIdOf(record, columns).trim();
    if (id === null ? rows.length < 2 : isOf(rowId, id)) rows.push({ id: rowId, record, columns });
  }
  if (seen === 0) throw noRecords(name);
  if (id === null && rows.length > 1)
    throw new UsageError(
      `${name} holds ${seen} records and the image's name tells no product id; give --index one record, or name the image by its id.`,
    );
  const row = rows.find((each) => each.id === id) ?? rows[0];
  if (row === undefined)
    throw new UsageError(`${name} holds no record of ${id ?? ''} among its ${seen}; give --index its row.`);
  const parsed = parseIndexRecord(row.record, row.columns);
  const fault = faultOfRow(parsed);
  if (parsed.kind === 'product' && fault === null) return parsed.product;
  throw new UsageError(
    `${name}: the record of ${row.id} cannot place an image (${fault}); give --corners or --isd instead.`,
  );
}

function isOf(rowId: string, id: string): boolean {
  const imageId = id.replace(/[EC]$/, '');
  return rowId.replace(/[EC]$/, '') === imageId;
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const unreadable = (cause?: unknown) =>
    new UsageError(`${path}: the index row cannot be read; check the path given by --index.`, { cause });
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  try {
    if (!(await file.stat()).isFile()) throw unreadable();
    yield* file.readLines({ encoding: 'latin1', autoClose: false });
  } finally {
    await file.close();
  }
}

async function labelledLayout(path: string): Promise<{ recordBytes: number; columns: Columns } | null> {
  if (!/\.tab$/i.test(path)) return null;
  for (const extension of ['.LBL', '.lbl']) {
    const label = path.replace(/\.tab$/i, extension);
    const text = await readFile(label, 'latin1').catch(() => null);
    if (text !== null) return parseIndexLabel(text, label);
  }
  return null;
}

function noRecords(name: string): UsageError {
  const lengths = [...KNOWN_LAYOUTS.keys()].join(' or ');
  return new UsageError(
    `${name} does not hold records of INDEX.TAB (${lengths} bytes each, with their line ends); give --index rows just as the archive has them.`,
  );
}
