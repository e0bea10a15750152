import { DATA_SET_IDS } from '../../archive/data-set.js';
import { indexColumns, type IndexColumnName } from '../../archive/index/index-columns.js';
import type { LonLat } from '../../domain/geometry.js';
import { browsePath, imgPath } from '../archive-files.js';
import type { IndexRow } from '../index-record.js';
import { nacRow, versionOf } from '../index-rows.js';
import type { PlannedProduct } from '../planned-product.js';
import type { Volume } from '../volume.js';
import { boundsOf, footprintOf } from './footprint.js';
import { PRODUCT_TYPES } from './query.js';

type Fields = Record<string, unknown>;

/** From an image to the making of its product, ms: as its label says. */
const MAKING_MS = 2 * 86_400_000;
const DECIMALS = new Map<string, number | null>(
  indexColumns('LROLRC_1067A').map(({ name, decimals }) => [name, decimals]),
);

export function pdsId({ productId }: PlannedProduct): string {
  return `nac.${productId.toLowerCase()}`;
}

/** When a product was made: of an image that was released late, long before its release. */
export function createdAt(product: PlannedProduct, volume: Volume): number {
  if (product.revision > 0) return volume.madeOn(product).getTime();
  return product.startTime.getTime() + MAKING_MS;
}

/** Corners of the row in the order of ODE's rings; null where the row has none. */
export function cornersOf(row: IndexRow): readonly LonLat[] | null {
  const corners = (['UPPER_RIGHT', 'LOWER_RIGHT', 'LOWER_LEFT', 'UPPER_LEFT'] as const).map((name) => ({
    lon: Number(row[`${name}_LONGITUDE`]),
    lat: Number(row[`${name}_LATITUDE`]),
  }));
  return corners.every(({ lon, lat }) => lon <= 360 && lat <= 90) ? corners : null;
}

/** A product as ODE describes it: every value a text (lroc-archive, section 4). */
export function odeMetadata(product: PlannedProduct, volume: Volume): Fields {
  const row = nacRow(product, volume.volumeId);
  const field = (name: IndexColumnName) => rowText(row, name);
  const start = iso(product.startTime);
  const stop = iso(product.stopTime);
  const middle = new Date((product.startTime.getTime() + product.stopTime.getTime()) / 2);
  const path = imgPath(product);
  const directory = path.slice(0, path.lastIndexOf('/') + 1).replaceAll('/', '\\');
  return {
    ihid: 'LRO',
    iid: 'LROC',
    pt: PRODUCT_TYPES[volume.dataSet],
    pdsid: pdsId(product),
    ode_id: String(1_000_000 + product.clock),
    Data_Set_Id: DATA_SET_IDS[volume.dataSet],
    PDSVolume_Id: volume.volumeId,
    RelativePathtoVol: directory,
    LabelFileName: `${product.productId.toLowerCase()}.xml`,
    Target_name: 'MOON',
    UTC_start_time: start,
    UTC_stop_time: stop,
    Observation_time: iso(middle),
    Product_creation_time: iso(new Date(createdAt(product, volume))),
    Product_version_id: versionOf(product),
    SpaceCraft_clock_start_count: `1/${String(row.SPACECRAFT_CLOCK_START_COUNT)}`,
    SpaceCraft_clock_stop_count: `1/${String(row.SPACECRAFT_CLOCK_STOP_COUNT)}`,
    Start_orbit_number: field('ORBIT_NUMBER'),
    Stop_orbit_number: field('ORBIT_NUMBER'),
    Solar_distance: field('SOLAR_DISTANCE'),
    Solar_longitude: field('SOLAR_LONGITUDE'),
    ...geometry(row),
    External_url: `https://data.lroc.im-ldi.com/lroc/view_lroc/${DATA_SET_IDS[volume.dataSet]}/${product.productId}`,
    ODE_notes: {
      ODE_note: [
        'NOTE: Product Type set by ODE',
        'NOTE: Observation time set to mid-point between start time and stop time',
      ],
    },
  };
}

function geometry(row: IndexRow): Fields {
  const field = (name: IndexColumnName) => rowText(row, name);
  const corners = cornersOf(row);
  if (corners === null) {
    return {
      Footprint_geometry: 'POLYGON EMPTY',
      Footprint_C0_geometry: 'POLYGON EMPTY',
      Footprint_GL_geometry: 'POLYGON EMPTY',
      Footprint_NP_geometry: 'MULTIPOLYGON EMPTY',
      Footprint_SP_geometry: 'MULTIPOLYGON EMPTY',
    };
  }
  const footprint = footprintOf(corners);
  const bounds = boundsOf(corners);
  return {
    Center_georeferenced: 'True',
    BB_georeferenced: 'True',
    Center_latitude: field('CENTER_LATITUDE'),
    Center_longitude: field('CENTER_LONGITUDE'),
    Minimum_latitude: degrees(bounds.south),
    Maximum_latitude: degrees(bounds.north),
    Westernmost_longitude: degrees(bounds.west),
    Easternmost_longitude: degrees(bounds.east),
    Emission_angle: field('EMISSION_ANGLE'),
    Incidence_angle: field('INCIDENCE_ANGLE'),
    Phase_angle: field('PHASE_ANGLE'),
    Map_resolution: field('RESOLUTION'),
    Footprint_geometry: footprint.geometry,
    Footprint_C0_geometry: footprint.c0,
    Footprint_GL_geometry: footprint.gl,
    Footprint_NP_geometry: 'MULTIPOLYGON EMPTY',
    Footprint_SP_geometry: 'MULTIPOLYGON EMPTY',
    Footprints_cross_meridian: footprint.crossesMeridian ? 'True' : 'False',
    Footprint_souce: 'PDS Archive Index Table',
    Pole_state: 'none',
  };
}

/** Files of a product: both labels end in `.xml` and are told apart by their Type. */
export function odeFiles(product: PlannedProduct, volume: Volume, address: string): Fields {
  const { lines, samples } = product.scene;
  const id = product.productId;
  const base = `${address}data/${DATA_SET_IDS[volume.dataSet]}/${volume.volumeId}/`;
  const pixels = lines * samples;
  const created = iso(new Date(createdAt(product, volume)));
  const archived = (type: string, description: string, path: string, bytes: number): Fields => ({
    Description: description,
    FileName: path.slice(path.lastIndexOf('/') + 1),
    KBytes: String(Math.max(1, Math.round(bytes / 1024))),
    Type: type,
    URL: base + path,
  });
  const derived = (description: string, extension: string): Fields => ({
    Creation_date: created,
    Description: description,
    FileName: `${id}.${extension}`.toUpperCase(),
    KBytes: '3',
    Type: 'Derived',
    URL: `${address}ode/datafile/${volume.volumeId.toLowerCase()}/${id.toLowerCase()}.${extension}`,
  });
  const bytesPerSample = volume.dataSet === 'cdr' ? 2 : 1;
  return {
    LabelURL: `${base}${imgPath(product)}.xml`,
    Product_files: {
      Product_file: [
        archived('Product', 'PRODUCT LABEL FILE', `${imgPath(product)}.xml`, 8000),
        archived('Product', 'PRODUCT DATA FILE', `${imgPath(product)}.IMG`, bytesPerSample * pixels),
        archived('Browse', 'BROWSE LABEL', `${browsePath(product)}.xml`, 2000),
        archived('Browse', 'BROWSE IMAGE', `${browsePath(product)}.tif`, 0.14 * pixels),
        derived('PRODUCT KML FILE', 'kml'),
        derived('PRODUCT FOOTPRINT SHAPEFILES (TAR.GZ)', 'tar.gz'),
        derived('PRODUCT FOOTPRINT SHAPEFILES (ZIP)', 'zip'),
      ],
    },
  };
}

/** A number of the row with the column's decimals, without zeros at its end. */
function rowText(row: IndexRow, name: IndexColumnName): string {
  const value = row[name];
  return typeof value === 'string' ? value : String(Number(value.toFixed(DECIMALS.get(name) ?? 0)));
}

function degrees(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function iso(time: Date): string {
  return time.toISOString().slice(0, 23);
}
