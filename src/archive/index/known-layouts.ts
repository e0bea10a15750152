import { indexColumns, recordBytes } from './index-columns.js';
import type { ColumnSpan } from './index-layout.js';

/** The two layouts of the archive by the length of a record with its CR and LF, for tables without their label. */
export const KNOWN_LAYOUTS: ReadonlyMap<number, ReadonlyMap<string, ColumnSpan>> = new Map(
  ['LROLRC_1003', 'LROLRC_1067A'].map((volumeId) => [
    recordBytes(volumeId),
    new Map(
      indexColumns(volumeId).map(({ name, startByte, bytes }) => [name, { start: startByte - 1, bytes }]),
    ),
  ]),
);
