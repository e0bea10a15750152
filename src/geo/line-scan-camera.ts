import { MOON_RADIUS_M } from '../domain/geometry.js';
import { ephemerisOf } from './ephemeris.js';
import type { Isd } from './isd-schema.js';
import { lineTimes, type LineTimes } from './line-times.js';
import { nacOptics } from './nac-optics.js';
import { rotationTrack } from './rotation-track.js';
import { distanceToSphere } from './sphere-intersection.js';

const METRES_PER_KM = 1000;

/** A pixel's line of sight in the Moon's body-fixed frame; overwritten by the next one that is asked for. */
export interface Sight {
  /** Where the camera was, metres from the Moon's centre. */
  readonly origin: Float64Array;
  /** Unit vector away from the camera. */
  readonly direction: Float64Array;
  /** Where the sight meets the reference sphere, metres; NaN where it passes the Moon by. */
  readonly ground: Float64Array;
}

export interface LineScanCamera {
  readonly timeOf: LineTimes;
  /**
   * The very object is used again by the next call, so that a million pixels cost no memory.
   * @param heightM of a sphere over the reference sphere that the sight is to meet instead, metres
   */
  look(sample: number, line: number, heightM?: number): Sight;
  /** The Sun at a time, metres in the body-fixed frame. */
  sunAt(time: number): [number, number, number];
}

/**
 * A line-scan camera in orbit: each line has its own time, hence its own position and orientation.
 *
 * Neither light time nor stellar aberration is applied: the NAC's positions and pointing are geometric
 * (`LIGHTTIME_CORRECTION = NONE`), and from 100 km they would be 0.5 m.
 */
export function lineScanCamera(isd: Isd): LineScanCamera {
  const timeOf = lineTimes(isd);
  const optics = nacOptics(isd);
  const positionAt = ephemerisOf(isd.instrument_position, isd.interpolation_method);
  const sunPositionAt = ephemerisOf(isd.sun_position, isd.interpolation_method);
  const intoBody = rotationTrack(isd.body_rotation);
  const intoCamera = rotationTrack(isd.instrument_pointing);

  const bodyMatrix = new Float64Array(9);
  const cameraMatrix = new Float64Array(9);
  const inertial = new Float64Array(3);
  const inCamera = new Float64Array(3);
  const sight: Sight = {
    origin: new Float64Array(3),
    direction: new Float64Array(3),
    ground: new Float64Array(3),
  };
  let lineAtHand = NaN;

  /** Pixels come line by line: where the camera was is worked out once for each. */
  const moveTo = (line: number) => {
    if (line === lineAtHand) return;
    lineAtHand = line;
    const time = timeOf(line);
    intoBody(time, bodyMatrix);
    intoCamera(time, cameraMatrix);
    positionAt(time, inertial);
    turn(bodyMatrix, inertial, sight.origin, METRES_PER_KM);
  };

  return {
    timeOf,
    look(sample, line, heightM = 0) {
      moveTo(line);
      optics(sample, inCamera);
      const [x = NaN, y = NaN, z = NaN] = inCamera;
      turnBack(cameraMatrix, inCamera, inertial, 1 / Math.sqrt(x * x + y * y + z * z));
      turn(bodyMatrix, inertial, sight.direction, 1);
      const distance = distanceToSphere(sight.origin, sight.direction, MOON_RADIUS_M + heightM);
      for (let k = 0; k < 3; k++)
        sight.ground[k] = (sight.origin[k] ?? NaN) + distance * (sight.direction[k] ?? NaN);
      return sight;
    },
    sunAt(time) {
      const [matrix, from, out] = [new Float64Array(9), new Float64Array(3), new Float64Array(3)];
      intoBody(time, matrix);
      sunPositionAt(time, from);
      turn(matrix, from, out, METRES_PER_KM);
      const [x = NaN, y = NaN, z = NaN] = out;
      return [x, y, z];
    },
  };
}

function turn(m: Float64Array, v: Float64Array, out: Float64Array, scale: number): void {
  const [x = NaN, y = NaN, z = NaN] = v;
  for (let k = 0; k < 3; k++)
    out[k] = scale * ((m[3 * k] ?? NaN) * x + (m[3 * k + 1] ?? NaN) * y + (m[3 * k + 2] ?? NaN) * z);
}

/** By the transpose, the inverse of a rotation. */
function turnBack(m: Float64Array, v: Float64Array, out: Float64Array, scale: number): void {
  const [x = NaN, y = NaN, z = NaN] = v;
  for (let k = 0; k < 3; k++)
    out[k] = scale * ((m[k] ?? NaN) * x + (m[k + 3] ?? NaN) * y + (m[k + 6] ?? NaN) * z);
}
