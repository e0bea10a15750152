import type { LabelFacts } from './img-product.js';

export interface Pds3LabelParts {
  readonly recordBytes: number;
  readonly fileRecords: number;
  readonly labelRecords: number;
  /** Statements of the IMAGE object from SAMPLE_BITS on, in their order. */
  readonly image: readonly (readonly [keyword: string, value: string | number])[];
  readonly lines: number;
  readonly samples: number;
  /** Of the pixels, hexadecimal. */
  readonly md5: string;
}

/** Column of the equals sign in the archive's labels. */
const KEY_WIDTH = 35;

/** The attached label of a NAC product: the archive's keywords in the archive's order, lines ended by CR LF. */
export function pds3Label(type: 'EDR' | 'CDR', f: LabelFacts, parts: Pds3LabelParts): string {
  const { recordBytes, fileRecords, labelRecords, image, lines, samples, md5 } = parts;
  const { companding: c } = f;
  const list = (values: readonly number[]): string => `(${values.join(',')})`;
  const text = (value: string): string => `"${value}"`;
  return [
    statement('PDS_VERSION_ID', 'PDS3'),
    '',
    '/*FILE CHARACTERISTICS*/',
    statement('RECORD_TYPE', 'FIXED_LENGTH'),
    statement('RECORD_BYTES', recordBytes),
    statement('FILE_RECORDS', fileRecords),
    statement('LABEL_RECORDS', labelRecords),
    statement('^IMAGE', labelRecords + 1),
    '',
    '/*DATA IDENTIFICATION*/',
    statement('DATA_SET_ID', text(`LRO-L-LROC-${type === 'EDR' ? 2 : 3}-${type}-V1.0`)),
    statement('ORIGINAL_PRODUCT_ID', f.sourceId),
    statement('PRODUCT_ID', f.productId),
    statement('MISSION_NAME', text('LUNAR RECONNAISSANCE ORBITER')),
    statement('MISSION_PHASE_NAME', text('SYNTHETIC')),
    statement('INSTRUMENT_HOST_NAME', text('LUNAR RECONNAISSANCE ORBITER')),
    statement('INSTRUMENT_HOST_ID', 'LRO'),
    statement('INSTRUMENT_NAME', text('LUNAR RECONNAISSANCE ORBITER CAMERA')),
    statement('INSTRUMENT_ID', 'LROC'),
    statement('LRO:PREROLL_TIME', f.prerollTime),
    statement('START_TIME', f.startTime),
    statement('STOP_TIME', f.stopTime),
    statement('LRO:SPACECRAFT_CLOCK_PREROLL_COUNT', text(f.prerollClock)),
    statement('SPACECRAFT_CLOCK_START_COUNT', text(f.startClock)),
    statement('SPACECRAFT_CLOCK_STOP_COUNT', text(f.stopClock)),
    statement('ORBIT_NUMBER', f.orbit),
    statement('PRODUCER_ID', 'SYNTHETIC'),
    statement('PRODUCT_CREATION_TIME', f.creationTime),
    statement('PRODUCER_INSTITUTION_NAME', text('SYNTHETIC')),
    statement('PRODUCT_TYPE', type),
    statement('PRODUCT_VERSION_ID', text(f.version)),
    statement('UPLOAD_ID', text(f.uploadId)),
    '',
    '/*DATA DESCRIPTION*/',
    statement('TARGET_NAME', text(f.target)),
    statement('RATIONALE_DESC', text('TARGET OF OPPORTUNITY')),
    statement('FRAME_ID', f.frame),
    statement('DATA_QUALITY_ID', text('0')),
    statement(
      'DATA_QUALITY_DESC',
      '"Eight flags, all of them down: this product was\r\n   made by a simulation of the camera and not by the camera."',
    ),
    '',
    '/*ENVIRONMENT*/',
    ...Object.entries(TEMPERATURES).map(([part, [degrees]]) =>
      statement(`LRO:TEMPERATURE_${part}`, `${degrees} <degC>`),
    ),
    ...Object.entries(TEMPERATURES).map(([part, [, raw]]) => statement(`LRO:TEMPERATURE_${part}_RAW`, raw)),
    '',
    '/*IMAGING PARAMETERS*/',
    statement('CROSSTRACK_SUMMING', f.summing),
    statement('BANDWIDTH', '300 <nm>'),
    statement('CENTER_FILTER_WAVELENGTH', '600 <nm>'),
    statement('LINE_EXPOSURE_DURATION', `${f.exposureMs.toFixed(6)} <ms>`),
    statement('LRO:LINE_EXPOSURE_CODE', 33),
    statement('LRO:DAC_RESET_LEVEL', 198),
    statement('LRO:CHANNEL_A_OFFSET', 40),
    statement('LRO:CHANNEL_B_OFFSET', 104),
    statement('LRO:COMPAND_CODE', c.code),
    statement('LRO:LINE_CODE', 51),
    statement('LRO:BTERM', list(c.b)),
    statement('LRO:MTERM', list(c.m)),
    statement('LRO:XTERM', list(c.x)),
    statement('LRO:COMPRESSION_FLAG', 1),
    statement('LRO:MODE', 7),
    '',
    '/*DATA OBJECT*/',
    statement('OBJECT', 'IMAGE'),
    statement('    LINES', lines),
    statement('    LINE_SAMPLES', samples),
    ...image.map(([keyword, value]) => statement(`    ${keyword}`, value)),
    statement('    MD5_CHECKSUM', text(md5)),
    statement('END_OBJECT', 'IMAGE'),
    'END',
    '',
  ].join('\r\n');
}

/** Temperatures of the camera's parts, degrees C, and the counts they were read as; usual ones. */
export const TEMPERATURES = {
  SCS: [2.49, 2833],
  FPA: [16.89, 2155],
  FPGA: [-14.08, 3476],
  TELESCOPE: [12.38, 2370],
} as const;

function statement(keyword: string, value: string | number): string {
  return `${keyword.padEnd(KEY_WIDTH)}= ${value}`;
}
