import { OperationalError } from '../../domain/errors.js';
import { NEEDED_COLUMNS } from './index-columns.js';
import { parsePds3Label, type Pds3Object } from './pds3-label.js';

/** Where one column lies in a record; 0-based, quotes not included. */
export interface ColumnSpan {
  readonly start: number;
  readonly bytes: number;
}

/** What INDEX.LBL tells of INDEX.TAB. */
export interface IndexLayout {
  readonly recordBytes: number;
  /** Number of records, where the label gives it. */
  readonly rows: number | null;
  /** MD5 of INDEX.TAB in lower-case hex, where the label gives it. */
  readonly md5: string | null;
  readonly columns: ReadonlyMap<string, ColumnSpan>;
}

/**
 * Reads INDEX.LBL. Record length and column places are always taken from it: they differ between volumes.
 * @param source the label's address, for messages
 * @throws OperationalError when it is not the label of an index table
 */
export function parseIndexLabel(text: string, source: string): IndexLayout {
  const root = parse(text, source);
  const recordBytes = integer(root.values.get('RECORD_BYTES'));
  const table = root.objects.find(({ name }) => name.endsWith('INDEX_TABLE'));
  if (recordBytes === null || recordBytes < 1 || table === undefined) {
    throw unreadable(source, 'it has no RECORD_BYTES or no INDEX_TABLE');
  }
  const columns = columnsOf(table, recordBytes, source);
  return {
    recordBytes,
    rows: integer(table.values.get('ROWS') ?? root.values.get('FILE_RECORDS')),
    md5: /^[0-9a-f]{32}$/i.exec(root.values.get('MD5_CHECKSUM') ?? '')?.[0].toLowerCase() ?? null,
    columns,
  };
}

/** Columns by name, checked to lie within the record and apart from each other, with none wanting. */
function columnsOf(table: Pds3Object, recordBytes: number, source: string): Map<string, ColumnSpan> {
  const columns = new Map<string, ColumnSpan>();
  for (const column of table.objects) {
    if (column.name !== 'COLUMN') continue;
    const name = column.values.get('NAME') ?? '';
    const start = integer(column.values.get('START_BYTE'));
    const bytes = integer(column.values.get('BYTES'));
    if (start === null || !bytes || start < 1 || start - 1 + bytes > recordBytes) {
      throw unreadable(source, `its column ${name || '(without NAME)'} does not lie within the record`);
    }
    if (columns.has(name)) throw unreadable(source, `it has two columns ${name}`);
    columns.set(name, { start: start - 1, bytes });
  }
  const inOrder = [...columns].sort(([, a], [, b]) => a.start - b.start);
  inOrder.slice(1).forEach(([name, { start }], i) => {
    const [before, span] = inOrder[i] as [string, ColumnSpan];
    if (start < span.start + span.bytes) {
      throw unreadable(source, `its columns ${before} and ${name} overlap`);
    }
  });
  const wanting = NEEDED_COLUMNS.find((name) => !columns.has(name));
  if (wanting !== undefined) throw unreadable(source, `it has no column ${wanting}`);
  return columns;
}

function parse(text: string, source: string): Pds3Object {
  try {
    return parsePds3Label(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw unreadable(source, cause.message);
    throw cause;
  }
}

function unreadable(source: string, why: string): OperationalError {
  return new OperationalError(
    'index_label',
    `${source} is not the label of an index table (${why}); check archive.urls and archive.dataset.`,
  );
}

function integer(text: string | undefined): number | null {
  const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : null;
}
