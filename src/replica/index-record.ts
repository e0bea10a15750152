import { indexColumns, type IndexColumn, type IndexColumnName } from '../archive/index/index-columns.js';

export type IndexRow = Readonly<Record<IndexColumnName, string | number>>;

/** Columns by the length of the volume's id, on which alone they depend. */
const COLUMNS = new Map<number, readonly IndexColumn[]>();

function columnsOf(volumeId: string): readonly IndexColumn[] {
  const known = COLUMNS.get(volumeId.length) ?? indexColumns(volumeId);
  COLUMNS.set(volumeId.length, known);
  return known;
}

/**
 * One record of INDEX.TAB: every value right-justified in its width, texts in quotes, CR LF at the end.
 * Numbers given as text (sentinels) are taken as they are.
 * @throws RangeError when a value does not fit its column
 */
export function formatRecord(row: IndexRow, volumeId: string): string {
  const fields = columnsOf(volumeId).map(({ name, bytes, quoted, decimals }) => {
    const value = row[name];
    const text = typeof value === 'number' ? value.toFixed(decimals ?? 0) : value;
    if (text.length > bytes) throw new RangeError(`"${text}" does not fit the ${bytes} bytes of ${name}`);
    const padded = text.padStart(bytes);
    return quoted ? `"${padded}"` : padded;
  });
  return `${fields.join(',')}\r\n`;
}
