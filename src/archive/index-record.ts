import { createHash } from 'node:crypto';
import { OperationalError } from '../domain/errors.js';
import { imageIdOf, isNacProductId } from '../domain/image-id.js';
import type { LonLat } from '../domain/geometry.js';
import type { Product } from '../domain/product.js';
import type { ColumnSpan } from './index-layout.js';

/** What became of one record: a product, a row of another kind, or one that cannot be used. */
export type IndexRow =
  | { readonly kind: 'product'; readonly product: Product }
  | { readonly kind: 'passed-over'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly productId: string; readonly reason: string };

/** A field that holds a not-applicable sentinel or nothing sensible. */
class UnusableField extends Error {}

/** FILE_SPECIFICATION_NAME of a NAC image; its first group is the product id. */
export const FILE_SPECIFICATION =
  /^[A-Z0-9.-]+\/LROLRC_\d{4}[ABC]?\/DATA\/(?:[A-Z0-9]+\/)*\d{7}\/NAC\/(M\d{9,10}[LR][EC])\.IMG$/;

/**
 * Cuts one fixed-length record of INDEX.TAB by bytes: quoted fields may hold commas. Values are blank-padded
 * inside their quotes; longitudes become -180..180; times are UTC (lroc-archive, section 2).
 */
export function parseIndexRecord(record: Uint8Array, columns: ReadonlyMap<string, ColumnSpan>): IndexRow {
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('latin1');
  const field = new Fields(text, columns);
  const productId = field.text('PRODUCT_ID');
  if (!isNacProductId(productId)) return { kind: 'passed-over', reason: kindOf(productId) };
  if (field.text('TARGET_NAME') !== 'MOON') return { kind: 'passed-over', reason: 'other target' };
  try {
    return { kind: 'product', product: readProduct(productId, field, record) };
  } catch (error) {
    if (error instanceof UnusableField) return { kind: 'invalid', productId, reason: error.message };
    throw error;
  }
}

/** PRODUCT_ID of a record, blanks and all. */
export function productIdOf(record: Uint8Array, columns: ReadonlyMap<string, ColumnSpan>): string {
  const { start, bytes } = columns.get('PRODUCT_ID') ?? { start: 0, bytes: 0 };
  return Buffer.from(record.subarray(start, start + bytes)).toString('latin1');
}

function readProduct(productId: string, field: Fields, record: Uint8Array): Product {
  const fileSpecification = field.text('FILE_SPECIFICATION_NAME');
  if (FILE_SPECIFICATION.exec(fileSpecification)?.[1] !== productId) {
    throw new UnusableField('FILE_SPECIFICATION_NAME');
  }
  const frame = field.text('NAC_FRAME_ID');
  if (frame !== 'LEFT' && frame !== 'RIGHT') throw new UnusableField('NAC_FRAME_ID');
  const corner = (name: string) => field.place(`${name}_LATITUDE`, `${name}_LONGITUDE`);
  return {
    productId,
    version: field.text('PRODUCT_VERSION_ID'),
    imageId: imageIdOf(productId),
    dataSetId: fileSpecification.slice(0, fileSpecification.indexOf('/')),
    volumeId: field.text('VOLUME_ID'),
    fileSpecification,
    frame,
    startTime: field.time('START_TIME'),
    stopTime: field.time('STOP_TIME'),
    orbit: field.number('ORBIT_NUMBER', 0, 99_998),
    lines: field.number('IMAGE_LINES', 1, 999_998),
    samples: field.number('LINE_SAMPLES', 1, 9_998),
    pixelWidthM: field.number('SCALED_PIXEL_WIDTH', 0.001, 9999),
    pixelHeightM: field.number('SCALED_PIXEL_HEIGHT', 0.001, 999.98),
    resolutionM: field.number('RESOLUTION', 0.001, 999.98),
    incidenceDeg: field.number('INCIDENCE_ANGLE', 0, 180),
    emissionDeg: field.number('EMISSION_ANGLE', 0, 90),
    phaseDeg: field.number('PHASE_ANGLE', 0, 180),
    subSolar: field.place('SUB_SOLAR_LATITUDE', 'SUB_SOLAR_LONGITUDE'),
    northAzimuthDeg: field.number('NORTH_AZIMUTH', 0, 360),
    subSolarAzimuthDeg: field.number('SUB_SOLAR_AZIMUTH', 0, 360),
    center: field.place('CENTER_LATITUDE', 'CENTER_LONGITUDE'),
    corners: {
      upperLeft: corner('UPPER_LEFT'),
      upperRight: corner('UPPER_RIGHT'),
      lowerRight: corner('LOWER_RIGHT'),
      lowerLeft: corner('LOWER_LEFT'),
    },
    spacecraftAltitudeKm: field.number('SPACECRAFT_ALTITUDE', 0.001, 9998),
    flightDirection: field.text('LRO_FLIGHT_DIRECTION'),
    dataQuality: field.number('DATA_QUALITY_ID', 0, 255),
    rowHash: createHash('sha256').update(record).digest('hex'),
  };
}

/** Reads the fields of one record by name; a field outside its range is a sentinel for "missing". */
class Fields {
  readonly #record: string;
  readonly #columns: ReadonlyMap<string, ColumnSpan>;

  constructor(record: string, columns: ReadonlyMap<string, ColumnSpan>) {
    this.#record = record;
    this.#columns = columns;
  }

  text(name: string): string {
    const span = this.#columns.get(name);
    if (span === undefined) {
      throw new OperationalError(
        'index_layout',
        `INDEX.LBL names no column ${name}; this layout of the archive's index is not known here.`,
      );
    }
    return this.#record.slice(span.start, span.start + span.bytes).trim();
  }

  number(name: string, low: number, high: number): number {
    const text = this.text(name);
    const value = text === '' ? NaN : Number(text);
    if (!(value >= low && value <= high)) throw new UnusableField(name);
    return value;
  }

  place(latitude: string, longitude: string): LonLat {
    const lon = this.number(longitude, -180, 360);
    return { lon: lon > 180 ? lon - 360 : lon, lat: this.number(latitude, -90, 90) };
  }

  time(name: string): Date {
    const text = this.text(name);
    const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text)
      ? new Date(`${text.replace(' ', 'T')}Z`)
      : new Date(NaN);
    if (Number.isNaN(time.getTime())) throw new UnusableField(name);
    return time;
  }
}

/** What an id outside the NAC images of the Moon stands for, by its letters (lroc-archive 1.1). */
export function kindOf(productId: string): string {
  if (/^C/.test(productId)) return 'calibration';
  if (/^S/.test(productId)) return 'star';
  if (/^E/.test(productId)) return 'earth';
  if (/^M\d+[MCUV][EC]$/.test(productId)) return 'wide-angle';
  return 'other';
}
