import { MOON_RADIUS_M } from '../domain/geometry.js';
import { distanceToSphere } from './sphere-intersection.js';
import { DEGREE } from './sphere.js';
import type { Terrain } from './terrain.js';

/** A ray meets the terrain where it is this near to it in height, metres. */
const NEAR_M = 0.005;
/** Steps that halve a bracket of any length at hand below a millimetre. */
const MAX_STEPS = 60;
/** Samples of terrain that a ray may pass over between its highest and its lowest height. */
const MAX_SAMPLES = 4096;
/** Beyond this a ray runs along a slope, and a metre of height may move it anywhere. */
const MAX_SHIFT = 20;

/** A line of sight: metres from the Moon's centre, and a unit vector. */
export interface Ray {
  readonly origin: Float64Array;
  readonly direction: Float64Array;
}

/**
 * Distance along a ray to where it first meets the terrain, metres; NaN where heights on its way are not known.
 *
 * From the height of the highest sample down the ray goes sample by sample, so that what stands before a place
 * hides it; between two samples, of which one lies under the ray and one over it, the method of false position in
 * its Illinois form closes in, which a steep slope does not lead away.
 */
export function distanceToTerrain({ origin, direction }: Ray, terrain: Terrain): number {
  const top = distanceToSphere(origin, direction, MOON_RADIUS_M + terrain.highestM + 1);
  const past = distanceToSphere(origin, direction, MOON_RADIUS_M + terrain.lowestM - 1);
  const end = Number.isNaN(past) ? footOf(origin, direction) : past;
  const samples = Math.ceil(
    (Math.abs(end - top) * sineOfEmission(origin, direction, top)) / terrain.spacingM,
  );
  // A ray that misses the highest sphere has no samples to count.
  const steps = Math.min(MAX_SAMPLES, Math.max(1, samples));
  let from = top;
  let above = clearance(origin, direction, from, terrain);
  for (let step = 1; step <= steps; step++) {
    const to = top + ((end - top) * step) / steps;
    const below = clearance(origin, direction, to, terrain);
    if (Number.isNaN(above) || Number.isNaN(below)) return NaN;
    if (below <= 0) return closeIn(origin, direction, terrain, [from, above], [to, below]);
    [from, above] = [to, below];
  }
  return NaN;
}

/**
 * Metres that a place moves on the ground for each metre of error in the terrain's height: tan(emission) on level
 * ground, more on a slope that falls away from the camera and less on one that faces it.
 * @param distance along the ray to where it meets the terrain
 */
export function shiftPerMetre({ origin, direction }: Ray, distance: number, terrain: Terrain): number {
  const sine = sineOfEmission(origin, direction, distance);
  const cosine = Math.sqrt(1 - sine * sine);
  const level = sine / cosine;
  const half = terrain.spacingM / (2 * Math.max(sine, 0.05));
  const descent =
    (clearance(origin, direction, distance - half, terrain) -
      clearance(origin, direction, distance + half, terrain)) /
    (2 * half);
  return descent > 0 ? Math.min(MAX_SHIFT, sine / descent) : Number.isNaN(descent) ? level : MAX_SHIFT;
}

/** Height of a point of the ray over the terrain, metres. */
function clearance(o: Float64Array, d: Float64Array, distance: number, terrain: Terrain): number {
  const x = (o[0] ?? NaN) + distance * (d[0] ?? NaN);
  const y = (o[1] ?? NaN) + distance * (d[1] ?? NaN);
  const z = (o[2] ?? NaN) + distance * (d[2] ?? NaN);
  const level = Math.sqrt(x * x + y * y);
  const height = terrain.heightAt(Math.atan2(y, x) / DEGREE, Math.atan2(z, level) / DEGREE);
  return Math.sqrt(level * level + z * z) - MOON_RADIUS_M - height;
}

type End = readonly [distance: number, clearance: number];

function closeIn(o: Float64Array, d: Float64Array, terrain: Terrain, upper: End, lower: End): number {
  let [from, above] = upper;
  let [to, below] = lower;
  let side = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    // False position may creep where the ground has an edge; then the middle is taken every third time.
    const middle = step % 3 === 2 ? (from + to) / 2 : from + ((to - from) * above) / (above - below);
    const here = clearance(o, d, middle, terrain);
    if (Number.isNaN(here)) return NaN;
    if (Math.abs(here) < NEAR_M || to - from < NEAR_M / 10) return middle;
    if (here > 0) {
      [from, above] = [middle, here];
      if (side === 1) below /= 2;
      side = 1;
    } else {
      [to, below] = [middle, here];
      if (side === -1) above /= 2;
      side = -1;
    }
  }
  return (from + to) / 2;
}

/** Distance to the point of the ray that is nearest to the Moon's centre. */
function footOf(o: Float64Array, d: Float64Array): number {
  return -((o[0] ?? NaN) * (d[0] ?? NaN) + (o[1] ?? NaN) * (d[1] ?? NaN) + (o[2] ?? NaN) * (d[2] ?? NaN));
}

/** Sine of the angle between the ray and the vertical at a point of it. */
function sineOfEmission(o: Float64Array, d: Float64Array, distance: number): number {
  const foot = footOf(o, d);
  const [x, y, z] = [0, 1, 2].map((k) => (o[k] ?? NaN) + foot * (d[k] ?? NaN)) as [number, number, number];
  const away = x * x + y * y + z * z;
  const along = foot - distance;
  return Math.sqrt(away / (away + along * along));
}
