import { createHash } from 'node:crypto';
import { imageIdOf, isNacProductId } from '../../domain/image-id.js';
import type { LonLat } from '../../domain/geometry.js';
import type { Product } from '../../domain/product.js';
import { angleDeg } from '../../domain/sphere.js';
import { subSolarPoint } from '../../domain/sub-solar-point.js';
import type { Doubt } from '../archive-source.js';
import type { DataSet } from '../data-set.js';
import { FILE_SPECIFICATION, kindOf, type IndexRow } from '../index/index-record.js';
import { rowOfNotes } from './index-note.js';
import { fileSpecificationOf } from './ode-files.js';
import { cornersOf } from './ode-footprint.js';
import { parseRecord, productIdOf, type OdeRecord } from './ode-record.js';

/**
 * Most that a product's incidence angle may differ from the one of its centre and the computed sub-solar point,
 * degrees: 0.06 by the latter's error in both coordinates, the rest by rounding to 0.01 and by the minute that an
 * image takes. At most 0.021 on eight rows of INDEX.TAB.
 */
const INCIDENCE_TOLERANCE_DEG = 0.1;

/** A field that holds nothing sensible. */
class UnusableField extends Error {}

/**
 * A product of ODE as a row of the index, with a reason where it is none. Where ODE's notes hold the row itself, it
 * is that row. Otherwise what ODE does not tell is NaN (lines, samples, pixel sizes, azimuths, altitude, quality) or
 * '' (flight direction), and the sub-solar point is computed.
 * @param value an element of `Products`
 */
export function parseProduct(value: unknown, dataSet: DataSet): IndexRow {
  const productId = productIdOf(value);
  const record = parseRecord(value);
  if (record === null) return { kind: 'invalid', productId, reason: 'record' };
  if (productId === '') return { kind: 'invalid', productId, reason: 'pdsid' };
  if (!isNacProductId(productId)) return { kind: 'passed-over', reason: kindOf(productId) };
  if (!['', 'MOON'].includes(record.Target_name.toUpperCase()))
    return { kind: 'passed-over', reason: 'other target' };
  const row = rowOfNotes(record);
  if (row?.kind === 'product' && row.product.productId === productId) return row;
  try {
    const product = readProduct(productId, record, dataSet);
    return { kind: 'product', product, doubt: incidenceDoubt(product) };
  } catch (error) {
    if (error instanceof UnusableField) return { kind: 'invalid', productId, reason: error.message };
    throw error;
  }
}

function readProduct(productId: string, record: OdeRecord, dataSet: DataSet): Product {
  const fileSpecification = fileSpecificationOf(record, productId, dataSet) ?? '';
  const [dataSetId = '', volumeId = ''] = fileSpecification.split('/');
  if (FILE_SPECIFICATION.exec(fileSpecification)?.[1] !== productId) throw new UnusableField('Product_files');
  if (!productId.endsWith(dataSet === 'cdr' ? 'C' : 'E')) throw new UnusableField('pdsid');
  const corners = cornersOf(record);
  if (corners === null) throw new UnusableField('footprint');
  const startTime = time(record, 'UTC_start_time');
  const told = {
    productId,
    version: versionOf(record),
    imageId: imageIdOf(productId),
    dataSetId,
    volumeId,
    fileSpecification,
    frame: productId.at(-2) === 'L' ? ('LEFT' as const) : ('RIGHT' as const),
    startTime,
    stopTime: time(record, 'UTC_stop_time'),
    orbit: optional(record, 'Start_orbit_number', 0, 99_998),
    lines: NaN,
    samples: NaN,
    pixelWidthM: NaN,
    pixelHeightM: NaN,
    resolutionM: number(record, 'Map_resolution', 0.001, 999.98),
    incidenceDeg: number(record, 'Incidence_angle', 0, 180),
    emissionDeg: number(record, 'Emission_angle', 0, 90),
    phaseDeg: optional(record, 'Phase_angle', 0, 180),
    northAzimuthDeg: NaN,
    subSolarAzimuthDeg: NaN,
    center: centerOf(record),
    corners,
    spacecraftAltitudeKm: NaN,
    flightDirection: '',
    dataQuality: NaN,
  };
  const subSolar = subSolarPoint(startTime);
  const rowHash = hashOf({ ...told, created: record.Product_creation_time });
  return { ...told, subSolar, rowHash };
}

function incidenceDoubt({ center, subSolar, incidenceDeg }: Product): Doubt | null {
  const angle = angleDeg(center, subSolar);
  if (Math.abs(angle - incidenceDeg) <= INCIDENCE_TOLERANCE_DEG) return null;
  return {
    code: 'incidence_mismatch',
    reason: `ODE says an incidence of ${incidenceDeg} deg, but its centre and the Sun's place at that time give ${angle.toFixed(2)} deg, so neither its place nor its light can be relied on.`,
    skips: true,
  };
}

/** PRODUCT_VERSION_ID where ODE tells it; else when the product was made, which a new version changes, too. */
function versionOf({ Product_version_id, Product_creation_time }: OdeRecord): string {
  if (Product_version_id !== '') return Product_version_id;
  return Product_creation_time === '' ? 'not told' : `created ${Product_creation_time}`;
}

/** Of what the archive tells of a product, whatever the order: not of how it was asked, nor of what is computed. */
function hashOf(told: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
}

type Field = Exclude<keyof OdeRecord, 'ODE_notes' | 'Product_files'>;

function number(record: OdeRecord, name: Field, low: number, high: number): number {
  const value = record[name] === '' ? NaN : Number(record[name]);
  if (!(value >= low && value <= high)) throw new UnusableField(name);
  return value;
}

/** A number that a scan can do without: NaN where it is not told. */
function optional(record: OdeRecord, name: Field, low: number, high: number): number {
  return record[name] === '' ? NaN : number(record, name, low, high);
}

function centerOf(record: OdeRecord): LonLat {
  const lon = number(record, 'Center_longitude', -180, 360);
  return { lon: lon > 180 ? lon - 360 : lon, lat: number(record, 'Center_latitude', -90, 90) };
}

/** UTC without a zone. */
function time(record: OdeRecord, name: Field): Date {
  const [, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z?$/.exec(record[name]) ?? [];
  const date = new Date(`${text ?? ''}Z`);
  if (Number.isNaN(date.getTime())) throw new UnusableField(name);
  return date;
}
