import type { LonLat, MultiPolygon } from '../domain/geometry.js';

/** The Moon's degrees: IAU_2015:30100. */
const SRID = 30100;

/** Type codes of EWKB; 0x20000000 says that an SRID follows. */
const POINT = 1;
const POLYGON = 3;
const MULTI_POLYGON = 6;
const HAS_SRID = 0x2000_0000;

/** A point as hex EWKB, which `::geometry` reads; parsing it is cheaper than GeoJSON or WKT. */
export function ewkbPoint(place: LonLat): string {
  return Buffer.concat([header(POINT | HAS_SRID, SRID), doubles([place.lon, place.lat])]).toString('hex');
}

/** A multipolygon as hex EWKB; rings are closed as they come. */
export function ewkbMultiPolygon({ coordinates }: MultiPolygon): string {
  const parts = [header(MULTI_POLYGON | HAS_SRID, SRID, coordinates.length)];
  for (const polygon of coordinates) {
    parts.push(header(POLYGON, polygon.length));
    for (const ring of polygon) {
      parts.push(uint32s([ring.length]), doubles(ring.flatMap(([lon = NaN, lat = NaN]) => [lon, lat])));
    }
  }
  return Buffer.concat(parts).toString('hex');
}

/** Byte order (1 = little-endian), type and what follows it. */
function header(type: number, ...rest: number[]): Buffer {
  return Buffer.concat([Buffer.of(1), uint32s([type, ...rest])]);
}

function uint32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  return bytes;
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => bytes.writeDoubleLE(value, i * 8));
  return bytes;
}
