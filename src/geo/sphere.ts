import { MOON_RADIUS_M, type LonLat, type MultiPolygon } from '../domain/geometry.js';
import { DEGREE, chordM, dot, toLonLat, toVector, type Vector3 } from '../domain/sphere.js';

export * from '../domain/sphere.js';

/** The place reached after `metres` along the great circle from `from` towards `to`. */
export function stepTowards(from: LonLat, to: LonLat, metres: number): LonLat {
  const p = toVector(from);
  const q = toVector(to);
  const along = dot(p, q);
  const t: Vector3 = [q[0] - along * p[0], q[1] - along * p[1], q[2] - along * p[2]];
  const length = Math.hypot(...t);
  if (length === 0) return from;
  const angle = metres / MOON_RADIUS_M;
  const [c, s] = [Math.cos(angle), Math.sin(angle) / length];
  return toLonLat([c * p[0] + s * t[0], c * p[1] + s * t[1], c * p[2] + s * t[2]]);
}

/** Metres along the ground between two places. */
export function groundM(a: LonLat, b: LonLat): number {
  return 2 * MOON_RADIUS_M * Math.asin(Math.min(1, chordM(a, b) / (2 * MOON_RADIUS_M)));
}

/** Direction in which the great circle from one place to another sets out, degrees clockwise from north in [0, 360). */
export function bearingDeg(from: LonLat, to: LonLat): number {
  const dLon = (to.lon - from.lon) * DEGREE;
  const [here, there] = [from.lat * DEGREE, to.lat * DEGREE];
  const east = Math.sin(dLon) * Math.cos(there);
  const north = Math.cos(here) * Math.sin(there) - Math.sin(here) * Math.cos(there) * Math.cos(dLon);
  return (Math.atan2(east, north) / DEGREE + 360) % 360;
}

/** Direction from a place to the Sun on the ground, degrees clockwise from north in [0, 360). */
export function sunAzimuthDeg(point: LonLat, subSolar: LonLat): number {
  return bearingDeg(point, subSolar);
}

/**
 * Area of a polygon on the sphere in square metres; its edges are straight in longitude and latitude, as
 * GIS programs draw them, so that rings split at +-180 or closed over a pole come out exactly. (Turf's area
 * assumes the radius of the Earth.)
 */
export function areaM2(polygon: MultiPolygon): number {
  let total = 0;
  for (const rings of polygon.coordinates) {
    rings.forEach((ring, i) => {
      const area = Math.abs(signedRingArea(ring));
      total += i === 0 ? area : -area;
    });
  }
  return total;
}

/** Integral of sin(lat) d(lon) around a closed ring times -R^2: positive when counter-clockwise. */
function signedRingArea(ring: readonly number[][]): number {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    const [lon0 = 0, lat0 = 0] = ring[i] ?? [];
    const [lon1 = 0, lat1 = 0] = ring[i + 1] ?? [];
    sum += (lon1 - lon0) * DEGREE * meanSine(lat0 * DEGREE, lat1 * DEGREE);
  }
  return -MOON_RADIUS_M * MOON_RADIUS_M * sum;
}

/** Mean of sin over [a, b], written so that it does not lose digits when a is close to b. */
function meanSine(a: number, b: number): number {
  const half = (b - a) / 2;
  const sinc = Math.abs(half) < 1e-4 ? 1 - (half * half) / 6 : Math.sin(half) / half;
  return Math.sin((a + b) / 2) * sinc;
}
