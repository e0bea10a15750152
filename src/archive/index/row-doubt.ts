import { CORNER_NAMES, cornerTurns, handedness } from '../../domain/corners.js';
import { MOON_RADIUS_M, type LonLat } from '../../domain/geometry.js';
import type { Product } from '../../domain/product.js';
import { DEGREE, angleDeg, meanDirection } from '../../domain/sphere.js';
import type { Doubt } from '../archive-source.js';

/**
 * Two places and an angle, each rounded to 0.01 deg, can put the recomputed incidence off by 0.019 deg: 0.005 from
 * the angle and 0.0071 from either place. The rest is for a body that is no sphere; 13 of 13 real rows agree within
 * 0.01 deg.
 */
const INCIDENCE_TOLERANCE_DEG = 0.05;
/** Longest NAC strips are some 170 km; half of their diagonal, with room. */
const MAX_RADIUS_DEG = 10;
/** Corners are rounded to 0.01 deg: shorter sides than this do not tell their order. */
const MIN_SIDE_DEG = 0.02;
/** A triangle of corners thinner than this part of its sides' product has no area to speak of. */
const MIN_SINE = 1e-3;
/** How far the centre may lie from the middle of the corners: a part of the image's half diagonal, at least 1.5 km. */
const CENTER_SHARE = 0.25;
const CENTER_DEG = 0.05;
const METRES_PER_DEGREE = MOON_RADIUS_M * DEGREE;

/**
 * What in a row contradicts the rest of it; null when all agrees. The rule of LRO_FLIGHT_DIRECTION rests on 15
 * images only (lroc-archive, section 6), so that alone keeps no image from being scanned.
 * @param missing columns that the row leaves open though an image cannot be placed without them
 */
export function doubtOf(product: Product, missing: readonly string[]): Doubt | null {
  if (missing.length > 0) return noGeometry(missing);
  return incidenceDoubt(product) ?? cornerDoubt(product) ?? directionDoubt(product);
}

function noGeometry([first = '', ...more]: readonly string[]): Doubt {
  const names =
    more.length === 0
      ? first
      : `${first} and ${more.length} more ${more.length === 1 ? 'column' : 'columns'}`;
  return skip('no_geometry', `Its index row gives no usable ${names}, so the image cannot be placed.`);
}

function incidenceDoubt({ center, subSolar, incidenceDeg }: Product): Doubt | null {
  const angle = angleDeg(center, subSolar);
  if (Math.abs(angle - incidenceDeg) <= INCIDENCE_TOLERANCE_DEG) return null;
  return skip(
    'incidence_mismatch',
    `Its index row says an incidence of ${incidenceDeg} deg, but its centre and sub-solar point give ${angle.toFixed(2)} deg, so neither its place nor its light can be relied on.`,
  );
}

function cornerDoubt(product: Product): Doubt | null {
  const places = CORNER_NAMES.map((name) => product.corners[name]);
  const middle = meanDirection(places);
  const radius = Math.max(...places.map((place) => angleDeg(place, middle)));
  if (!(radius <= MAX_RADIUS_DEG)) return cornerOrder('do not lie within one image of each other');
  if (isTooSmall(product)) return null;
  if (!isConvexWalk(places)) return cornerOrder('are no walk around an image');
  const allowed = Math.max(CENTER_DEG, CENTER_SHARE * radius);
  if (angleDeg(product.center, middle) > allowed) return cornerOrder('do not lie around its centre');
  return null;
}

/** Whether the image's shorter side is lost in the corners' rounding. */
function isTooSmall({ lines, samples, pixelWidthM, pixelHeightM }: Product): boolean {
  return Math.min(lines * pixelHeightM, samples * pixelWidthM) < MIN_SIDE_DEG * METRES_PER_DEGREE;
}

function isConvexWalk(places: readonly LonLat[]): boolean {
  const turns = cornerTurns(places);
  return turns.every((turn) => turn > MIN_SINE) || turns.every((turn) => turn < -MIN_SINE);
}

function cornerOrder(how: string): Doubt {
  return skip(
    'corner_order',
    `The four corners of its index row ${how}, so the image cannot be placed; upper left, upper right, lower right and lower left are expected.`,
  );
}

function directionDoubt(product: Product): Doubt | null {
  const { flightDirection } = product;
  if ((flightDirection !== '+X' && flightDirection !== '-X') || isTooSmall(product)) return null;
  const lies = handedness(product.corners);
  if ((flightDirection === '+X') === (lies === 'mirrored')) return null;
  return {
    code: 'flight_direction',
    reason: `Its corners say that the image is ${lies}, its LRO_FLIGHT_DIRECTION ${flightDirection} that it is not; the corners are taken.`,
    skips: false,
  };
}

function skip(code: string, reason: string): Doubt {
  return { code, reason, skips: true };
}
