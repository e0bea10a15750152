import type { LonLat } from '../domain/geometry.js';
import type { Product } from '../domain/product.js';

/** Columns of `selenoscan_data.product` that carry a Product, with their types. */
export const PRODUCT_COLUMNS = {
  product_id: 'text',
  version: 'text',
  row_hash: 'text',
  image_id: 'text',
  data_set_id: 'text',
  volume_id: 'text',
  file_specification: 'text',
  frame: 'text',
  start_time: 'timestamptz',
  stop_time: 'timestamptz',
  orbit: 'integer',
  lines: 'integer',
  samples: 'integer',
  pixel_width_m: 'double precision',
  pixel_height_m: 'double precision',
  resolution_m: 'double precision',
  incidence_deg: 'double precision',
  emission_deg: 'double precision',
  phase_deg: 'double precision',
  sub_solar_lon: 'double precision',
  sub_solar_lat: 'double precision',
  north_azimuth_deg: 'double precision',
  sub_solar_azimuth_deg: 'double precision',
  center_lon: 'double precision',
  center_lat: 'double precision',
  upper_left_lon: 'double precision',
  upper_left_lat: 'double precision',
  upper_right_lon: 'double precision',
  upper_right_lat: 'double precision',
  lower_right_lon: 'double precision',
  lower_right_lat: 'double precision',
  lower_left_lon: 'double precision',
  lower_left_lat: 'double precision',
  spacecraft_altitude_km: 'double precision',
  flight_direction: 'text',
  data_quality: 'integer',
} as const;

type ProductColumns = typeof PRODUCT_COLUMNS;

/** A measured field is null where the archive gives none. */
type ColumnValue<Type> = Type extends 'text' ? string : Type extends 'timestamptz' ? Date : number | null;

export type ProductRow = { readonly [Column in keyof ProductColumns]: ColumnValue<ProductColumns[Column]> };

/** NaN, which stands for what an archive does not give, is null in the database. */
function measured(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function given(value: number | null): number {
  return value ?? NaN;
}

function place(lon: number | null, lat: number | null): LonLat {
  return { lon: given(lon), lat: given(lat) };
}

export function toProductRow(product: Product): ProductRow {
  const { corners } = product;
  return {
    product_id: product.productId,
    version: product.version,
    row_hash: product.rowHash,
    image_id: product.imageId,
    data_set_id: product.dataSetId,
    volume_id: product.volumeId,
    file_specification: product.fileSpecification,
    frame: product.frame,
    start_time: product.startTime,
    stop_time: product.stopTime,
    orbit: measured(product.orbit),
    lines: measured(product.lines),
    samples: measured(product.samples),
    pixel_width_m: measured(product.pixelWidthM),
    pixel_height_m: measured(product.pixelHeightM),
    resolution_m: measured(product.resolutionM),
    incidence_deg: measured(product.incidenceDeg),
    emission_deg: measured(product.emissionDeg),
    phase_deg: measured(product.phaseDeg),
    sub_solar_lon: measured(product.subSolar.lon),
    sub_solar_lat: measured(product.subSolar.lat),
    north_azimuth_deg: measured(product.northAzimuthDeg),
    sub_solar_azimuth_deg: measured(product.subSolarAzimuthDeg),
    center_lon: measured(product.center.lon),
    center_lat: measured(product.center.lat),
    upper_left_lon: measured(corners.upperLeft.lon),
    upper_left_lat: measured(corners.upperLeft.lat),
    upper_right_lon: measured(corners.upperRight.lon),
    upper_right_lat: measured(corners.upperRight.lat),
    lower_right_lon: measured(corners.lowerRight.lon),
    lower_right_lat: measured(corners.lowerRight.lat),
    lower_left_lon: measured(corners.lowerLeft.lon),
    lower_left_lat: measured(corners.lowerLeft.lat),
    spacecraft_altitude_km: measured(product.spacecraftAltitudeKm),
    flight_direction: product.flightDirection,
    data_quality: measured(product.dataQuality),
  };
}

export function fromProductRow(row: ProductRow): Product {
  return {
    productId: row.product_id,
    version: row.version,
    rowHash: row.row_hash,
    imageId: row.image_id,
    dataSetId: row.data_set_id,
    volumeId: row.volume_id,
    fileSpecification: row.file_specification,
    frame: row.frame === 'LEFT' ? 'LEFT' : 'RIGHT',
    startTime: row.start_time,
    stopTime: row.stop_time,
    orbit: given(row.orbit),
    lines: given(row.lines),
    samples: given(row.samples),
    pixelWidthM: given(row.pixel_width_m),
    pixelHeightM: given(row.pixel_height_m),
    resolutionM: given(row.resolution_m),
    incidenceDeg: given(row.incidence_deg),
    emissionDeg: given(row.emission_deg),
    phaseDeg: given(row.phase_deg),
    subSolar: place(row.sub_solar_lon, row.sub_solar_lat),
    northAzimuthDeg: given(row.north_azimuth_deg),
    subSolarAzimuthDeg: given(row.sub_solar_azimuth_deg),
    center: place(row.center_lon, row.center_lat),
    corners: {
      upperLeft: place(row.upper_left_lon, row.upper_left_lat),
      upperRight: place(row.upper_right_lon, row.upper_right_lat),
      lowerRight: place(row.lower_right_lon, row.lower_right_lat),
      lowerLeft: place(row.lower_left_lon, row.lower_left_lat),
    },
    spacecraftAltitudeKm: given(row.spacecraft_altitude_km),
    flightDirection: row.flight_direction,
    dataQuality: given(row.data_quality),
  };
}
