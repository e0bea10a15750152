import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';

export const RADIANS = Math.PI / 180;

/** Point at `angleDeg` along the great circle that leaves `from` at `bearingDeg` (clockwise from north). */
export function destination(from: LonLat, bearingDeg: number, angleDeg: number): LonLat {
  const [lat, bearing, angle] = [from.lat * RADIANS, bearingDeg * RADIANS, angleDeg * RADIANS];
  const sinLat = Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * Math.cos(bearing);
  const east = Math.sin(bearing) * Math.sin(angle) * Math.cos(lat);
  const north = Math.cos(angle) - Math.sin(lat) * sinLat;
  const lon = from.lon + Math.atan2(east, north) / RADIANS;
  return { lon: wrap180(lon), lat: Math.asin(Math.max(-1, Math.min(1, sinLat))) / RADIANS };
}

/** Bearing at `from` of the great circle to `to`, degrees clockwise from north, 0..360. */
export function bearing(from: LonLat, to: LonLat): number {
  const [lat1, lat2] = [from.lat * RADIANS, to.lat * RADIANS];
  const turn = (to.lon - from.lon) * RADIANS;
  const east = Math.sin(turn) * Math.cos(lat2);
  const north = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(turn);
  return wrap360(Math.atan2(east, north) / RADIANS);
}

/** Angle between two points as seen from the Moon's centre, degrees. */
export function angularDistance(a: LonLat, b: LonLat): number {
  const [lat1, lat2] = [a.lat * RADIANS, b.lat * RADIANS];
  const turn = (b.lon - a.lon) * RADIANS;
  const haversine =
    Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(turn / 2) ** 2;
  return (2 * Math.asin(Math.min(1, Math.sqrt(haversine)))) / RADIANS;
}

/** Metres on the reference sphere to degrees of a great circle. */
export function metresToDegrees(metres: number): number {
  return metres / MOON_RADIUS_M / RADIANS;
}

export function wrap180(degrees: number): number {
  return wrap360(degrees + 180) - 180;
}

export function wrap360(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}
