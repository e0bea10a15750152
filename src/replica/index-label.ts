import { createHash } from 'node:crypto';
import { indexColumns, recordBytes } from '../archive/index/index-columns.js';

export interface IndexLabelInput {
  readonly volumeId: string;
  readonly dataSetId: string;
  /** The whole INDEX.TAB. */
  readonly table: Buffer;
  /** Day of release. */
  readonly created: Date;
}

/** INDEX.LBL: the PDS3 label of INDEX.TAB with its checksum and all of its columns. */
export function formatIndexLabel({ volumeId, dataSetId, table, created }: IndexLabelInput): string {
  const bytes = recordBytes(volumeId);
  const rows = table.length / bytes;
  const columns = indexColumns(volumeId);
  const md5 = createHash('md5').update(table).digest('hex');
  const lines = [
    'PDS_VERSION_ID        = PDS3',
    'RECORD_TYPE           = FIXED_LENGTH',
    `RECORD_BYTES          = ${bytes}`,
    `FILE_RECORDS          = ${rows}`,
    '^INDEX_TABLE          = "INDEX.TAB"',
    `MD5_CHECKSUM          = "${md5}"`,
    `DATA_SET_ID           = "${dataSetId}"`,
    `VOLUME_ID             = "${volumeId}"`,
    `PRODUCT_CREATION_TIME = ${created.toISOString().slice(0, 19)}`,
    'INSTRUMENT_HOST_NAME  = "LUNAR RECONNAISSANCE ORBITER"',
    'INSTRUMENT_ID         = "LROC"',
    'TARGET_NAME           = "MOON"',
    '',
    'OBJECT                = INDEX_TABLE',
    '  INDEX_TYPE          = SINGLE',
    '  INTERCHANGE_FORMAT  = ASCII',
    `  ROWS                = ${rows}`,
    `  ROW_BYTES           = ${bytes}`,
    `  COLUMNS             = ${columns.length}`,
    ...columns.flatMap((column, n) => [
      '',
      '  OBJECT              = COLUMN',
      `    COLUMN_NUMBER     = ${n + 1}`,
      `    NAME              = ${column.name}`,
      `    DATA_TYPE         = ${dataType(column.decimals)}`,
      `    START_BYTE        = ${column.startByte}`,
      `    BYTES             = ${column.bytes}`,
      `    FORMAT            = "${format(column.decimals, column.bytes)}"`,
      `    DESCRIPTION       = "The ${column.name} of the product, blank-padded on its left;`,
      '                         see the archive volume SIS."',
      '  END_OBJECT          = COLUMN',
    ]),
    '',
    'END_OBJECT            = INDEX_TABLE',
    'END',
    '',
  ];
  return lines.join('\r\n');
}

function dataType(decimals: number | null): string {
  if (decimals === null) return 'CHARACTER';
  return decimals === 0 ? 'ASCII_INTEGER' : 'ASCII_REAL';
}

function format(decimals: number | null, bytes: number): string {
  if (decimals === null) return `A${bytes}`;
  return decimals === 0 ? `I${bytes}` : `F${bytes}.${decimals}`;
}
