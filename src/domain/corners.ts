import type { Corners, LonLat } from './geometry.js';
import { cross, dot, meanDirection, toVector, type Vector3 } from './sphere.js';

/** UL, UR, LR, LL: the order of a walk around the image. */
export const CORNER_NAMES = ['upperLeft', 'upperRight', 'lowerRight', 'lowerLeft'] as const;

/**
 * How an image lies: `direct` as seen from above, or `mirrored`. Computed from the corners; the index's
 * LRO_FLIGHT_DIRECTION ("+X" = mirrored) agrees in all 15 known images and is a cross-check only.
 */
export function handedness(corners: Corners): 'direct' | 'mirrored' {
  const [first = NaN] = cornerTurns(CORNER_NAMES.map((name) => corners[name]));
  return first > 0 ? 'mirrored' : 'direct';
}

/**
 * Sine of the turn at each place of a walk, seen from above: positive to the left (counter-clockwise walk). Of a
 * convex walk in order all have one sign.
 * @param places within one hemisphere
 */
export function cornerTurns(places: readonly LonLat[]): number[] {
  const up = toVector(meanDirection(places));
  return places.map((_, i) => turnAt(places, i, up));
}

function turnAt(places: readonly LonLat[], i: number, up: Vector3): number {
  const at = (k: number) => toVector(places[(k + places.length) % places.length] as LonLat);
  const next = difference(at(i + 1), at(i));
  const back = difference(at(i - 1), at(i));
  const lengths = Math.hypot(...next) * Math.hypot(...back);
  return lengths === 0 ? 0 : dot(cross(next, back), up) / lengths;
}

function difference(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
