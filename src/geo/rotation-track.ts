import { intervalOf } from './interval.js';
import type { RotationTable } from './isd-schema.js';

/** Below this angle (cosine of half of it) slerp's sines lose digits; the straight line is exact to 1e-12. */
const NEARLY_ONE = 1 - 1e-9;

/** Writes the rotation matrix (row-major, 9 numbers) that turns J2000 vectors into the track's frame. */
export type RotationTrack = (time: number, out: Float64Array) => void;

/**
 * Spherical linear interpolation between the quaternions [w, x, y, z] of a track (steady turning from record
 * to record), followed by its constant rotation. A record's sign does not matter: the shorter way is taken.
 */
export function rotationTrack(track: RotationTable): RotationTrack {
  const times = Float64Array.from(track.ephemeris_times);
  const quaternions = Float64Array.from(track.quaternions.flat());
  const fixed = track.constant_rotation === undefined ? null : Float64Array.from(track.constant_rotation);
  const q = new Float64Array(4);
  const moving = new Float64Array(9);
  return (time, out) => {
    const i = intervalOf(times, time);
    const from = times[i] ?? NaN;
    slerp(quaternions, 4 * i, (time - from) / ((times[i + 1] ?? NaN) - from), q);
    if (fixed === null) toMatrix(q, out);
    else {
      toMatrix(q, moving);
      multiply(fixed, moving, out);
    }
  };
}

/** Between the two quaternions that stand one after the other at `offset`, at the part `u` of the way. */
function slerp(pair: Float64Array, offset: number, u: number, out: Float64Array): void {
  let cosine = 0;
  for (let k = 0; k < 4; k++) cosine += (pair[offset + k] ?? NaN) * (pair[offset + 4 + k] ?? NaN);
  const sign = cosine < 0 ? -1 : 1;
  cosine *= sign;
  let a = 1 - u;
  let b = u;
  if (cosine < NEARLY_ONE) {
    const angle = Math.acos(cosine);
    const sine = Math.sin(angle);
    a = Math.sin((1 - u) * angle) / sine;
    b = Math.sin(u * angle) / sine;
  }
  let squares = 0;
  for (let k = 0; k < 4; k++) {
    const value = a * (pair[offset + k] ?? NaN) + sign * b * (pair[offset + 4 + k] ?? NaN);
    out[k] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  for (let k = 0; k < 4; k++) out[k] = (out[k] ?? NaN) / length;
}

/** The matrix of v -> q v q*, row-major. */
function toMatrix([w = NaN, x = NaN, y = NaN, z = NaN]: Float64Array, out: Float64Array): void {
  out[0] = 1 - 2 * (y * y + z * z);
  out[1] = 2 * (x * y - w * z);
  out[2] = 2 * (x * z + w * y);
  out[3] = 2 * (x * y + w * z);
  out[4] = 1 - 2 * (x * x + z * z);
  out[5] = 2 * (y * z - w * x);
  out[6] = 2 * (x * z - w * y);
  out[7] = 2 * (y * z + w * x);
  out[8] = 1 - 2 * (x * x + y * y);
}

function multiply(a: Float64Array, b: Float64Array, out: Float64Array): void {
  for (let row = 0; row < 9; row += 3)
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += (a[row + k] ?? NaN) * (b[3 * k + column] ?? NaN);
      out[row + column] = sum;
    }
}
