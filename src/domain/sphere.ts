import { MOON_RADIUS_M, type LonLat } from './geometry.js';

/** Geometry on the reference sphere. Vectors are unit vectors, x towards (0, 0), z towards the north pole. */
export type Vector3 = readonly [number, number, number];

export const DEGREE = Math.PI / 180;

/** Longitude brought into [-180, 180]; archive longitudes are 0..360. */
export function normaliseLon(lon: number): number {
  if (lon >= -180 && lon <= 180) return lon;
  return lon - 360 * Math.floor((lon + 180) / 360);
}

export function toVector({ lon, lat }: LonLat): Vector3 {
  const c = Math.cos(lat * DEGREE);
  return [c * Math.cos(lon * DEGREE), c * Math.sin(lon * DEGREE), Math.sin(lat * DEGREE)];
}

export function toLonLat([x, y, z]: Vector3): LonLat {
  return { lon: Math.atan2(y, x) / DEGREE, lat: Math.atan2(z, Math.hypot(x, y)) / DEGREE };
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Length of the straight chord between two places, metres; the arc is 2R asin(chord / 2R). */
export function chordM(a: LonLat, b: LonLat): number {
  const [ax, ay, az] = toVector(a);
  const [bx, by, bz] = toVector(b);
  return MOON_RADIUS_M * Math.hypot(ax - bx, ay - by, az - bz);
}

/** Angle between two places seen from the Moon's centre, degrees. */
export function angleDeg(a: LonLat, b: LonLat): number {
  return (2 * Math.asin(Math.min(1, chordM(a, b) / (2 * MOON_RADIUS_M)))) / DEGREE;
}

/** Direction of the vectors' sum: the middle of places that lie within one hemisphere. */
export function meanDirection(places: readonly LonLat[]): LonLat {
  const sum = places.map(toVector).reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
  return toLonLat(sum);
}
