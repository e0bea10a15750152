import { MOON_RADIUS_M } from '../domain/geometry.js';

/**
 * Distance along a ray to where it first meets a sphere about the Moon's centre, metres; NaN where it passes by.
 * @param origin outside the sphere, metres from its centre
 * @param direction unit vector
 * @param radiusM that of the reference sphere by default
 */
export function distanceToSphere(
  origin: Float64Array,
  direction: Float64Array,
  radiusM: number = MOON_RADIUS_M,
): number {
  const [ox = NaN, oy = NaN, oz = NaN] = origin;
  const [dx = NaN, dy = NaN, dz = NaN] = direction;
  const along = ox * dx + oy * dy + oz * dz;
  // The foot of the perpendicular from the centre: its distance keeps the digits that b^2 - 4ac would lose.
  const [fx, fy, fz] = [ox - along * dx, oy - along * dy, oz - along * dz];
  const distance = -along - Math.sqrt(radiusM * radiusM - (fx * fx + fy * fy + fz * fz));
  return distance > 0 ? distance : NaN;
}
