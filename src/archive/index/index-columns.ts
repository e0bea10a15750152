/**
 * The 83 columns of INDEX.TAB in order: name, BYTES, and how the value stands there: `text` in quotes, or a number
 * with so many decimals. Facts of the archive, from real records (lroc-archive, section 2).
 */
const COLUMNS = [
  ['VOLUME_ID', 11, 'text'],
  ['FILE_SPECIFICATION_NAME', 75, 'text'],
  ['INSTRUMENT_HOST_ID', 3, 'text'],
  ['INSTRUMENT_ID', 4, 'text'],
  ['ORIGINAL_PRODUCT_ID', 12, 'text'],
  ['PRODUCT_ID', 13, 'text'],
  ['PRODUCT_VERSION_ID', 12, 'text'],
  ['TARGET_NAME', 5, 'text'],
  ['ORBIT_NUMBER', 5, 0],
  ['SLEW_ANGLE', 8, 3],
  ['MISSION_PHASE_NAME', 31, 'text'],
  ['RATIONALE_DESC', 75, 'text'],
  ['DATA_QUALITY_ID', 3, 0],
  ['NAC_PREROLL_START_TIME', 24, 'text'],
  ['START_TIME', 24, 'text'],
  ['STOP_TIME', 24, 'text'],
  ['SPACECRAFT_CLOCK_PARTITION', 2, 'text'],
  ['NAC_SPACECRAFT_CLOCK_PREROLL_COUNT', 15, 'text'],
  ['SPACECRAFT_CLOCK_START_COUNT', 16, 'text'],
  ['SPACECRAFT_CLOCK_STOP_COUNT', 16, 'text'],
  ['START_SCLK_SECONDS', 9, 0],
  ['START_SCLK_TICKS', 7, 0],
  ['STOP_SCLK_SECONDS', 9, 0],
  ['STOP_SCLK_TICKS', 7, 0],
  ['NAC_LINE_EXPOSURE_DURATION', 11, 9],
  ['WAC_EXPOSURE_DURATION', 7, 5],
  ['NAC_FRAME_ID', 5, 'text'],
  ['NAC_DAC_RESET', 4, 0],
  ['NAC_CHANNEL_A_OFFSET', 3, 0],
  ['NAC_CHANNEL_B_OFFSET', 3, 0],
  ['INSTRUMENT_MODE_CODE', 3, 0],
  ['WAC_INSTRUMENT_MODE_ID', 5, 'text'],
  ['WAC_BAND_CODE', 3, 0],
  ['WAC_BACKGROUND_OFFSET', 3, 0],
  ['WAC_FILTER_NAME', 38, 'text'],
  ['WAC_NUMBER_OF_FRAMES', 5, 0],
  ['WAC_INTERFRAME_TIME', 7, 2],
  ['WAC_INTERFRAME_CODE', 3, 0],
  ['WAC_MODE_POLAR', 1, 0],
  ['COMPAND_SELECT_CODE', 1, 0],
  ['MODE_COMPRESSION', 1, 0],
  ['MODE_TEST', 1, 0],
  ['NAC_TEMPERATURE_SCS', 8, 3],
  ['NAC_TEMPERATURE_FPA', 8, 3],
  ['NAC_TEMPERATURE_FPGA', 8, 3],
  ['NAC_TEMPERATURE_TELESCOPE', 8, 3],
  ['WAC_BEGIN_TEMPERATURE_SCS', 8, 3],
  ['WAC_MIDDLE_TEMPERATURE_SCS', 8, 3],
  ['WAC_END_TEMPERATURE_SCS', 8, 3],
  ['WAC_BEGIN_TEMPERATURE_FPA', 8, 3],
  ['WAC_MIDDLE_TEMPERATURE_FPA', 8, 3],
  ['WAC_END_TEMPERATURE_FPA', 8, 3],
  ['IMAGE_LINES', 6, 0],
  ['LINE_SAMPLES', 4, 0],
  ['SAMPLE_BITS', 2, 0],
  ['SCALED_PIXEL_WIDTH', 7, 2],
  ['SCALED_PIXEL_HEIGHT', 6, 2],
  ['RESOLUTION', 7, 3],
  ['EMISSION_ANGLE', 5, 2],
  ['INCIDENCE_ANGLE', 6, 2],
  ['PHASE_ANGLE', 6, 2],
  ['NORTH_AZIMUTH', 6, 2],
  ['SUB_SOLAR_AZIMUTH', 6, 2],
  ['SUB_SOLAR_LATITUDE', 6, 2],
  ['SUB_SOLAR_LONGITUDE', 6, 2],
  ['SUB_SPACECRAFT_LATITUDE', 6, 2],
  ['SUB_SPACECRAFT_LONGITUDE', 6, 2],
  ['SOLAR_DISTANCE', 11, 1],
  ['SOLAR_LONGITUDE', 6, 2],
  ['CENTER_LATITUDE', 6, 2],
  ['CENTER_LONGITUDE', 6, 2],
  ['UPPER_RIGHT_LATITUDE', 6, 2],
  ['UPPER_RIGHT_LONGITUDE', 6, 2],
  ['LOWER_RIGHT_LATITUDE', 6, 2],
  ['LOWER_RIGHT_LONGITUDE', 6, 2],
  ['LOWER_LEFT_LATITUDE', 6, 2],
  ['LOWER_LEFT_LONGITUDE', 6, 2],
  ['UPPER_LEFT_LATITUDE', 6, 2],
  ['UPPER_LEFT_LONGITUDE', 6, 2],
  ['SPACECRAFT_ALTITUDE', 7, 2],
  ['TARGET_CENTER_DISTANCE', 7, 2],
  ['ORBIT_NODE', 1, 'text'],
  ['LRO_FLIGHT_DIRECTION', 2, 'text'],
] as const;

export type IndexColumnName = (typeof COLUMNS)[number][0];

const place = <Name extends string>(name: Name) => [`${name}_LATITUDE`, `${name}_LONGITUDE`] as const;

/**
 * What the row hash covers: all that a scan's result depends on. Where the row's volume and file lie is left out:
 * a product that only moved, or a row that was only laid out anew, is no new version to scan.
 */
export const HASHED_COLUMNS = [
  'PRODUCT_ID',
  'PRODUCT_VERSION_ID',
  'NAC_FRAME_ID',
  'START_TIME',
  'STOP_TIME',
  'ORBIT_NUMBER',
  'DATA_QUALITY_ID',
  'IMAGE_LINES',
  'LINE_SAMPLES',
  'SCALED_PIXEL_WIDTH',
  'SCALED_PIXEL_HEIGHT',
  'RESOLUTION',
  'EMISSION_ANGLE',
  'INCIDENCE_ANGLE',
  'PHASE_ANGLE',
  'NORTH_AZIMUTH',
  'SUB_SOLAR_AZIMUTH',
  ...place('SUB_SOLAR'),
  ...place('CENTER'),
  ...place('UPPER_RIGHT'),
  ...place('LOWER_RIGHT'),
  ...place('LOWER_LEFT'),
  ...place('UPPER_LEFT'),
  'SPACECRAFT_ALTITUDE',
  'LRO_FLIGHT_DIRECTION',
] as const satisfies readonly IndexColumnName[];

/** Columns that an index must have to be of use. */
export const NEEDED_COLUMNS: readonly IndexColumnName[] = [
  ...HASHED_COLUMNS,
  'VOLUME_ID',
  'FILE_SPECIFICATION_NAME',
  'TARGET_NAME',
];

/** A column where it lies in a volume's records. */
export interface IndexColumn {
  readonly name: IndexColumnName;
  /** 1-based, of the value without its quote, as PDS3 counts. */
  readonly startByte: number;
  readonly bytes: number;
  readonly quoted: boolean;
  /** Of a number; null for text. */
  readonly decimals: number | null;
}

/** The columns of a volume: a lettered volume's id is one byte longer, and every record with it. */
export function indexColumns(volumeId: string): readonly IndexColumn[] {
  let next = 1;
  return COLUMNS.map(([name, bytes, kind]) => {
    const quoted = kind === 'text';
    const width = name === 'VOLUME_ID' ? volumeId.length : bytes;
    const startByte = next + (quoted ? 1 : 0);
    next = startByte + width + (quoted ? 1 : 0) + 1;
    return { name, startByte, bytes: width, quoted, decimals: quoted ? null : kind };
  });
}

/** Length of a volume's records with CR and LF: 901 bytes, or 902 for a lettered volume. */
export function recordBytes(volumeId: string): number {
  return volumeId.length + 890;
}
