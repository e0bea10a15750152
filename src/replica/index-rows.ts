import { DATA_SET_IDS, type DataSet } from '../archive/data-set.js';
import { indexColumns } from '../archive/index/index-columns.js';
import type { LonLat } from '../domain/geometry.js';
import type { IndexRow } from './index-record.js';
import { missionPhase } from './mission-phase.js';
import { oddRow } from './odd-rows.js';
import { clockSeconds, idNumber, type PlannedProduct } from './planned-product.js';
import { bearing, wrap360 } from './sphere.js';

/**
 * The index row of a NAC image, every value consistent with its ground mapping (lroc-archive, section 6) but
 * what is odd about it.
 */
export function nacRow(product: PlannedProduct, volumeId: string): IndexRow {
  return oddRow(trueRow(product, volumeId), product.odd);
}

/** PRODUCT_VERSION_ID after so many times that the archive made it anew. */
export function versionOf({ revision }: Pick<PlannedProduct, 'revision'>): string {
  return `v1.${9 + revision}`;
}

function trueRow(product: PlannedProduct, volumeId: string): IndexRow {
  const { look, frame, startTime, stopTime, clock, exposureS, productId, dataSet } = product;
  const { geometry } = look.strip;
  const corners = look.strip.corners();
  const north = look.strip.sampleBearingDeg();
  const toSun = bearing(geometry.center, look.subSolar);
  const preroll = new Date(startTime.getTime() - 650);
  const row = commonRow({ productId, volumeId, dataSet, camera: 'NAC', start: startTime, stop: stopTime });
  Object.assign(row, {
    ORIGINAL_PRODUCT_ID: `nac${frame === 'LEFT' ? 'l' : 'r'}${(clock & 0xfffffff).toString(16).padStart(8, '0')}`,
    PRODUCT_VERSION_ID: versionOf(product),
    NAC_PREROLL_START_TIME: timeText(preroll),
    NAC_SPACECRAFT_CLOCK_PREROLL_COUNT: clockText(preroll),
    NAC_LINE_EXPOSURE_DURATION: exposureS,
    NAC_FRAME_ID: frame,
    IMAGE_LINES: geometry.lines,
    LINE_SAMPLES: geometry.samples,
    SAMPLE_BITS: dataSet === 'cdr' ? 16 : 8,
    SCALED_PIXEL_WIDTH: geometry.pixelAcrossM,
    SCALED_PIXEL_HEIGHT: geometry.pixelAlongM,
    RESOLUTION: (geometry.pixelAcrossM + geometry.pixelAlongM) / 2,
    EMISSION_ANGLE: look.emissionDeg,
    INCIDENCE_ANGLE: look.incidenceDeg,
    PHASE_ANGLE: look.phaseDeg,
    NORTH_AZIMUTH: angle(north),
    SUB_SOLAR_AZIMUTH: angle(north - toSun),
    SPACECRAFT_ALTITUDE: look.altitudeKm,
    TARGET_CENTER_DISTANCE: look.altitudeKm + 1737.4,
    LRO_FLIGHT_DIRECTION: geometry.mirrored ? '+X' : '-X',
  } satisfies Partial<IndexRow>);
  place(row, 'SUB_SOLAR', look.subSolar);
  place(row, 'SUB_SPACECRAFT', look.subSpacecraft);
  place(row, 'CENTER', geometry.center);
  place(row, 'UPPER_RIGHT', corners.upperRight);
  place(row, 'LOWER_RIGHT', corners.lowerRight);
  place(row, 'LOWER_LEFT', corners.lowerLeft);
  place(row, 'UPPER_LEFT', corners.upperLeft);
  return row;
}

/**
 * Rows of other kinds that lie among the NAC ones: a wide-angle image (`M…MC`), and calibration, star and
 * Earth images (`C`, `S`, `E`).
 */
export function otherRow(
  template: IndexRow,
  kind: 'M' | 'C' | 'S' | 'E',
  time: Date,
  volumeId: string,
  dataSet: DataSet,
): IndexRow {
  const number = idNumber(clockSeconds(time));
  const stop = new Date(time.getTime() + 4000);
  const level = dataSet === 'cdr' ? 'C' : 'E';
  const facts = { volumeId, dataSet, start: time, stop };
  if (kind !== 'M') {
    const common = commonValues({ ...facts, productId: `${kind}${number}L${level}`, camera: 'NAC' });
    return { ...template, ...common, PRODUCT_VERSION_ID: BLANK.PRODUCT_VERSION_ID, NAC_FRAME_ID: 'LEFT' };
  }
  return {
    ...template,
    ...commonValues({ ...facts, productId: `M${number}M${level}`, camera: 'WAC' }),
    PRODUCT_VERSION_ID: BLANK.PRODUCT_VERSION_ID,
    NAC_PREROLL_START_TIME: 'N/A',
    NAC_SPACECRAFT_CLOCK_PREROLL_COUNT: 'N/A',
    NAC_LINE_EXPOSURE_DURATION: '9.999999999',
    NAC_FRAME_ID: 'N/A',
    WAC_INSTRUMENT_MODE_ID: 'VIS',
    WAC_FILTER_NAME: '643',
    IMAGE_LINES: 1218,
    LINE_SAMPLES: 704,
    SCALED_PIXEL_WIDTH: 74.21,
    SCALED_PIXEL_HEIGHT: 74.21,
    RESOLUTION: 74.21,
  };
}

type MutableRow = { -readonly [Name in keyof IndexRow]: IndexRow[Name] };

/** Columns of a NAC row that are the same in all, and those that are not, empty. */
const BLANK: IndexRow = {
  ...(Object.fromEntries(
    indexColumns('LROLRC_1067A').map(({ name, decimals }) => [name, decimals === null ? '' : 0]),
  ) as IndexRow),
  INSTRUMENT_HOST_ID: 'LRO',
  INSTRUMENT_ID: 'LROC',
  PRODUCT_VERSION_ID: 'v1.9',
  TARGET_NAME: 'MOON',
  SLEW_ANGLE: -0.009,
  RATIONALE_DESC: 'TARGET OF OPPORTUNITY',
  SPACECRAFT_CLOCK_PARTITION: '1',
  WAC_EXPOSURE_DURATION: '9.99999',
  NAC_DAC_RESET: 199,
  NAC_CHANNEL_A_OFFSET: 36,
  NAC_CHANNEL_B_OFFSET: 110,
  INSTRUMENT_MODE_CODE: 7,
  WAC_INSTRUMENT_MODE_ID: 'N/A',
  WAC_BAND_CODE: 999,
  WAC_BACKGROUND_OFFSET: 999,
  WAC_FILTER_NAME: 'N/A',
  WAC_NUMBER_OF_FRAMES: 99999,
  WAC_INTERFRAME_TIME: '9999.99',
  WAC_INTERFRAME_CODE: 999,
  WAC_MODE_POLAR: 9,
  COMPAND_SELECT_CODE: 3,
  MODE_COMPRESSION: 1,
  NAC_TEMPERATURE_SCS: 2.797,
  NAC_TEMPERATURE_FPA: 19.138,
  NAC_TEMPERATURE_FPGA: -10.216,
  NAC_TEMPERATURE_TELESCOPE: 13.109,
  WAC_BEGIN_TEMPERATURE_SCS: '9999.999',
  WAC_MIDDLE_TEMPERATURE_SCS: '9999.999',
  WAC_END_TEMPERATURE_SCS: '9999.999',
  WAC_BEGIN_TEMPERATURE_FPA: '9999.999',
  WAC_MIDDLE_TEMPERATURE_FPA: '9999.999',
  WAC_END_TEMPERATURE_FPA: '9999.999',
  SOLAR_DISTANCE: 149_597_870.7,
  ORBIT_NODE: 'A',
};

/** A row with what rows of all kinds have; one shape of object for all, as thousands are made. */
function commonRow(facts: RowFacts): MutableRow {
  return Object.assign({ ...BLANK }, commonValues(facts));
}

interface RowFacts {
  readonly productId: string;
  readonly volumeId: string;
  readonly dataSet: DataSet;
  readonly camera: 'NAC' | 'WAC';
  readonly start: Date;
  readonly stop: Date;
}

function commonValues({ productId, volumeId, dataSet, camera, start, stop }: RowFacts) {
  const { directory, name } = missionPhase(start);
  const startClock = clockSeconds(start);
  const stopClock = clockSeconds(stop);
  return {
    VOLUME_ID: volumeId,
    FILE_SPECIFICATION_NAME: `${DATA_SET_IDS[dataSet]}/${volumeId}/DATA/${directory}/${dayOf(start)}/${camera}/${productId}.IMG`,
    ORIGINAL_PRODUCT_ID: `${camera.toLowerCase()}${(startClock & 0xfffffff).toString(16).padStart(9, '0')}`,
    PRODUCT_ID: productId,
    ORBIT_NUMBER: orbitOf(start),
    MISSION_PHASE_NAME: name,
    START_TIME: timeText(start),
    STOP_TIME: timeText(stop),
    SPACECRAFT_CLOCK_START_COUNT: clockText(start),
    SPACECRAFT_CLOCK_STOP_COUNT: clockText(stop),
    START_SCLK_SECONDS: startClock,
    START_SCLK_TICKS: ticks(start),
    STOP_SCLK_SECONDS: stopClock,
    STOP_SCLK_TICKS: ticks(stop),
    SOLAR_LONGITUDE: angle(((start.getTime() - Date.UTC(2000, 2, 20)) / 86_400_000) * 0.98565),
  } satisfies Partial<IndexRow>;
}

export function orbitOf(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(2009, 5, 27)) / 7_080_000);
}

/** UTC day of a time as the archive's directories have it: year and day of year. */
export function dayOf(time: Date): string {
  const year = time.getUTCFullYear();
  const day = Math.floor((time.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1;
  return `${year}${String(day).padStart(3, '0')}`;
}

type PlaceName = {
  [Name in keyof IndexRow]: Name extends `${infer Place}_LATITUDE` ? Place : never;
}[keyof IndexRow];

function place(row: MutableRow, name: PlaceName, { lon, lat }: LonLat): void {
  row[`${name}_LATITUDE`] = hundredths(lat);
  row[`${name}_LONGITUDE`] = angle(lon);
}

/** 0..360 with two decimals, never written as 360.00. */
function angle(degrees: number): number {
  return hundredths(wrap360(degrees)) % 360;
}

/** Without the "-0.00" that small negative values would give. */
function hundredths(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}

function timeText(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

/** Fractions of the spacecraft clock's second, in 1/65536. */
function ticks(time: Date): number {
  return Math.floor((time.getUTCMilliseconds() / 1000) * 65_536);
}

function clockText(time: Date): string {
  return `${clockSeconds(time)}:${ticks(time)}`;
}
