import { CORNER_NAMES } from '../../domain/corners.js';
import type { Corners, LonLat } from '../../domain/geometry.js';
import { angleDeg, cross, dot, normaliseLon, toLonLat, toVector, type Vector3 } from '../../domain/sphere.js';

/**
 * West, south, east, north in degrees; longitudes -180..360 as people write them. West > east crosses a meridian
 * of 180 or 360; 360 degrees and more is all around.
 */
export type LonLatBox = readonly [number, number, number, number];

/** Pieces of an edge are halved until they are no longer than this in longitude and in arc... */
const MAX_STEP_DEG = 0.5;
/** ...or so short (30 mm) that they cross a pole. */
const POLE_STEP_DEG = 1e-6;

interface Span {
  readonly west: number;
  readonly width: number;
  readonly south: number;
  readonly north: number;
}

/**
 * Whether an image's footprint, the quadrilateral of great circles between its corners, meets a box of longitudes and
 * latitudes: on the sphere, so also across the antimeridian and over a pole.
 * @param corners a convex walk, of less than a hemisphere
 */
export function meetsBox(corners: Corners, [west, south, east, north]: LonLatBox): boolean {
  const span = { west: normaliseLon(west), width: widthOf(west, east), south, north };
  const places = CORNER_NAMES.map((name) => corners[name]);
  const edges = places.map((from, i): [LonLat, LonLat] => [from, places[(i + 1) % places.length] as LonLat]);
  // Where no edge meets the box, it lies wholly within the image or wholly outside.
  return edges.some(([from, to]) => edgeMeets(from, to, span)) || isInside({ lon: west, lat: south }, places);
}

/** The same for corners of which some may not be told; null where that leaves it open. */
export function footprintMeets(corners: Corners, box: LonLatBox): boolean | null {
  const placed = CORNER_NAMES.every((name) => Number.isFinite(corners[name].lon + corners[name].lat));
  return placed ? meetsBox(corners, box) : null;
}

/** Whether a place lies within a box. */
export function isInBox({ lon, lat }: LonLat, [west, south, east, north]: LonLatBox): boolean {
  const eastward = (((lon - west) % 360) + 360) % 360;
  return eastward <= widthOf(west, east) && lat >= south && lat <= north;
}

function widthOf(west: number, east: number): number {
  const width = east - west;
  return width >= 360 ? 360 : width < 0 ? width + 360 : width;
}

function edgeMeets(from: LonLat, to: LonLat, box: Span): boolean {
  const lonStep = normaliseLon(to.lon - from.lon);
  const length = angleDeg(from, to);
  const straight = Math.max(length, Math.abs(lonStep)) <= MAX_STEP_DEG;
  if (straight || length <= POLE_STEP_DEG) return pieceMeets(from, lonStep, to.lat, box);
  const [a, b] = [toVector(from), toVector(to)];
  const middle = toLonLat([a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
  return edgeMeets(from, middle, box) || edgeMeets(middle, to, box);
}

/** A piece that is straight in longitude and latitude against the box, wherever it lies around the Moon. */
function pieceMeets(from: LonLat, lonStep: number, toLat: number, box: Span): boolean {
  return [-360, 0, 360].some((turn) => {
    const within = [0, 1] as [number, number];
    return (
      clip(within, from.lon + turn - box.west, lonStep, box.width) &&
      clip(within, from.lat - box.south, toLat - from.lat, box.north - box.south)
    );
  });
}

/** Narrows the part [0, 1] of a piece to what lies in 0..limit along one axis; false when nothing does. */
function clip(part: [number, number], start: number, step: number, limit: number): boolean {
  if (step === 0) return start >= 0 && start <= limit;
  const [t0, t1] = [-start / step, (limit - start) / step];
  part[0] = Math.max(part[0], Math.min(t0, t1));
  part[1] = Math.min(part[1], Math.max(t0, t1));
  return part[0] <= part[1];
}

function isInside(place: LonLat, walk: readonly LonLat[]): boolean {
  const point = toVector(place);
  const vectors = walk.map(toVector);
  const sides = vectors.map((from, i) =>
    dot(cross(from, vectors[(i + 1) % vectors.length] as Vector3), point),
  );
  const near = vectors.reduce((sum, vector) => sum + dot(vector, point), 0) > 0;
  return near && (sides.every((side) => side >= 0) || sides.every((side) => side <= 0));
}
