import type { Corners, LonLat } from '../../domain/geometry.js';
import type { OdeRecord } from './ode-record.js';

/**
 * The four corners of an image from ODE's footprints, whose ring runs UR, LR, LL, UL, UR (lroc-archive, section 4);
 * null where none is such a ring.
 *
 * Of the geometries, C0 has longitudes of -180..180 but is made for cylindrical maps: split at 180 degrees and
 * filled up at the poles, so that its points are no corners there. GL (0..360) is as the index has it everywhere,
 * and stands in. `Footprint_geometry` is split at 0 degrees. NP and SP are in metres of a polar stereographic
 * projection whose scale and orientation ODE does not tell; with GL they are not needed.
 */
export function cornersOf(record: OdeRecord): Corners | null {
  return parseRing(record.Footprint_C0_geometry) ?? parseRing(record.Footprint_GL_geometry);
}

const POLYGON = /^POLYGON\s*\(\(([^()]+)\)\)$/i;

function parseRing(wkt: string): Corners | null {
  const points = POLYGON.exec(wkt)?.[1]?.split(',').map(parsePoint) ?? [];
  const [upperRight, lowerRight, lowerLeft, upperLeft, last] = points;
  if (points.length !== 5 || !upperRight || !lowerRight || !lowerLeft || !upperLeft || !last) return null;
  if (last.lon !== upperRight.lon || last.lat !== upperRight.lat) return null;
  return { upperLeft, upperRight, lowerRight, lowerLeft };
}

function parsePoint(text: string): LonLat | null {
  const [lon = NaN, lat = NaN, ...more] = text.trim().split(/\s+/).map(Number);
  if (!(lon >= -180 && lon <= 360 && lat >= -90 && lat <= 90) || more.length > 0) return null;
  return { lon: lon > 180 ? lon - 360 : lon, lat };
}
