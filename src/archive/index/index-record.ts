import { createHash } from 'node:crypto';
import { imageIdOf, isNacProductId } from '../../domain/image-id.js';
import type { LonLat } from '../../domain/geometry.js';
import type { Product } from '../../domain/product.js';
import type { Doubt } from '../archive-source.js';
import { HASHED_COLUMNS } from './index-columns.js';
import type { ColumnSpan } from './index-layout.js';
import { RecordValues, type IndexValue } from './index-values.js';
import { doubtOf } from './row-doubt.js';

/** What became of one record: a product, a row of another kind, or one that cannot be used. */
export type IndexRow =
  | { readonly kind: 'product'; readonly product: Product; readonly doubt: Doubt | null }
  | { readonly kind: 'passed-over'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly productId: string; readonly reason: string };

/** A field without which a product cannot be stored. */
class UnusableField extends Error {}

/** FILE_SPECIFICATION_NAME of a NAC image; its first group is the product id. */
export const FILE_SPECIFICATION =
  /^[A-Z0-9-]+(?:\.[A-Z0-9-]+)*\/LROLRC_\d{4}[ABC]?\/DATA\/(?:[A-Z0-9]+\/)*\d{7}\/NAC\/(M\d{9,10}[LR][EC])\.IMG$/;

/**
 * Reads one record of INDEX.TAB. Longitudes become -180..180; times are UTC (lroc-archive, section 2). A row that
 * names its product, but does not place it or contradicts itself, is a product with a doubt.
 */
export function parseIndexRecord(record: Uint8Array, columns: ReadonlyMap<string, ColumnSpan>): IndexRow {
  const values = new RecordValues(record, columns);
  const productId = textOf(values.get('PRODUCT_ID'));
  if (!isNacProductId(productId)) return { kind: 'passed-over', reason: kindOf(productId) };
  if (values.get('TARGET_NAME') !== 'MOON') return { kind: 'passed-over', reason: 'other target' };
  if (!values.isAligned()) return { kind: 'invalid', productId, reason: 'alignment of its columns' };
  try {
    const { product, missing } = readProduct(productId, values);
    return { kind: 'product', product, doubt: doubtOf(product, missing) };
  } catch (error) {
    if (error instanceof UnusableField) return { kind: 'invalid', productId, reason: error.message };
    throw error;
  }
}

/** Why a row cannot place an image, to stand in brackets; null when it can. */
export function faultOfRow(row: IndexRow): string | null {
  if (row.kind === 'invalid') return `it lacks a usable ${row.reason}`;
  if (row.kind === 'passed-over') return `it is of another kind: ${row.reason}`;
  return row.doubt?.skips === true
    ? row.doubt.reason.replace(/^I/, 'i').replace(/^T/, 't').replace(/\.$/, '')
    : null;
}

/** PRODUCT_ID of a record, blanks and all. */
export function productIdOf(record: Uint8Array, columns: ReadonlyMap<string, ColumnSpan>): string {
  const { start, bytes } = columns.get('PRODUCT_ID') ?? { start: 0, bytes: 0 };
  return Buffer.from(record.subarray(start, start + bytes)).toString('latin1');
}

/** The product of a row, NaN where it tells no number, and the columns among those that place an image. */
function readProduct(productId: string, values: RecordValues): { product: Product; missing: string[] } {
  const fileSpecification = textOf(values.get('FILE_SPECIFICATION_NAME'));
  if (FILE_SPECIFICATION.exec(fileSpecification)?.[1] !== productId) {
    throw new UnusableField('FILE_SPECIFICATION_NAME');
  }
  const frame = values.get('NAC_FRAME_ID');
  if (frame !== 'LEFT' && frame !== 'RIGHT') throw new UnusableField('NAC_FRAME_ID');
  const missing: string[] = [];
  const needed = (name: string, low: number, high: number): number => {
    const value = numberOf(values.get(name), low, high);
    if (Number.isNaN(value)) missing.push(name);
    return value;
  };
  const optional = (name: string, low: number, high: number) => numberOf(values.get(name), low, high);
  const placeAt = (name: string): LonLat => {
    const lon = needed(`${name}_LONGITUDE`, -180, 360);
    return { lon: lon > 180 ? lon - 360 : lon, lat: needed(`${name}_LATITUDE`, -90, 90) };
  };
  const product = {
    productId,
    version: required(values, 'PRODUCT_VERSION_ID'),
    imageId: imageIdOf(productId),
    dataSetId: fileSpecification.slice(0, fileSpecification.indexOf('/')),
    volumeId: required(values, 'VOLUME_ID'),
    fileSpecification,
    frame,
    startTime: timeOf(values, 'START_TIME'),
    stopTime: timeOf(values, 'STOP_TIME'),
    orbit: optional('ORBIT_NUMBER', 0, 99_998),
    lines: needed('IMAGE_LINES', 1, 999_998),
    samples: needed('LINE_SAMPLES', 1, 9_998),
    pixelWidthM: needed('SCALED_PIXEL_WIDTH', 0.001, 999.98),
    pixelHeightM: needed('SCALED_PIXEL_HEIGHT', 0.001, 999.98),
    resolutionM: needed('RESOLUTION', 0.001, 999.98),
    incidenceDeg: needed('INCIDENCE_ANGLE', 0, 180),
    emissionDeg: needed('EMISSION_ANGLE', 0, 90),
    phaseDeg: optional('PHASE_ANGLE', 0, 180),
    subSolar: placeAt('SUB_SOLAR'),
    northAzimuthDeg: optional('NORTH_AZIMUTH', 0, 360),
    subSolarAzimuthDeg: optional('SUB_SOLAR_AZIMUTH', 0, 360),
    center: placeAt('CENTER'),
    corners: {
      upperLeft: placeAt('UPPER_LEFT'),
      upperRight: placeAt('UPPER_RIGHT'),
      lowerRight: placeAt('LOWER_RIGHT'),
      lowerLeft: placeAt('LOWER_LEFT'),
    },
    spacecraftAltitudeKm: optional('SPACECRAFT_ALTITUDE', 0.001, 9998),
    flightDirection: textOf(values.get('LRO_FLIGHT_DIRECTION')),
    dataQuality: optional('DATA_QUALITY_ID', 0, 255),
    rowHash: hashOf(values),
  } satisfies Product;
  return { product, missing };
}

function hashOf(values: RecordValues): string {
  return createHash('sha256')
    .update(JSON.stringify(HASHED_COLUMNS.map((name) => values.get(name))))
    .digest('hex');
}

function textOf(value: IndexValue): string {
  return value === null ? '' : String(value);
}

function required(values: RecordValues, name: string): string {
  const text = textOf(values.get(name));
  if (text === '') throw new UnusableField(name);
  return text;
}

function numberOf(value: IndexValue, low: number, high: number): number {
  return typeof value === 'number' && value >= low && value <= high ? value : NaN;
}

function timeOf(values: RecordValues, name: string): Date {
  const text = textOf(values.get(name));
  const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text)
    ? new Date(`${text.replace(' ', 'T')}Z`)
    : new Date(NaN);
  if (Number.isNaN(time.getTime())) throw new UnusableField(name);
  return time;
}

/** What an id outside the NAC images of the Moon stands for, by its letters (lroc-archive 1.1). */
export function kindOf(productId: string): string {
  if (/^C/.test(productId)) return 'calibration';
  if (/^S/.test(productId)) return 'star';
  if (/^E/.test(productId)) return 'earth';
  if (/^M\d+[MCUV][EC]$/.test(productId)) return 'wide-angle';
  return 'other';
}
