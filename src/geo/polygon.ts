import { featureCollection, intersect, polygon as turfPolygon } from '@turf/turf';
import type { LonLat, MultiPolygon, PixelPoint } from '../domain/geometry.js';
import { chordM, normaliseLon } from './sphere.js';

type ToGround = (point: PixelPoint) => LonLat;
/** Longitude and latitude, degrees; longitudes run on beyond +-180. */
type Position = [number, number];

/** Most that an edge drawn straight in longitude and latitude may leave the true one, metres. */
const MAX_DEVIATION_M = 1;
/** The same for small outlines, as a part of the edge's length. */
const DEVIATION_OF_LENGTH = 0.01;
/** So near to a pole (9 cm) longitude has lost its meaning: latitudes there come in steps of 3 cm. */
const POLE_DEG = 3e-6;
const MAX_SPLITS = 14;

/**
 * Ring of pixels as a polygon in longitude and latitude: edges split until they are straight there, the
 * polygon split at +-180 and closed over a pole through (+-180, +-90) where the ring goes around one, so
 * that planar programs draw it as it is.
 * @param ring closed or open, at least 3 different points, not crossing itself
 */
export function groundPolygon(ring: readonly PixelPoint[], toGround: ToGround): MultiPolygon {
  const path = unwrap(densify(openRing(ring), toGround));
  const winding = Math.round((path.end - path.start) / 360);
  const outer = winding === 0 ? path.positions : closedOverPole(path.positions, winding);
  return { type: 'MultiPolygon', coordinates: splitAtAntimeridian(outer).map((part) => [part]) };
}

function openRing(ring: readonly PixelPoint[]): PixelPoint[] {
  const points = ring.filter((p, i) => {
    const before = ring[(i + ring.length - 1) % ring.length];
    return i === 0 || before?.sample !== p.sample || before.line !== p.line;
  });
  const [first, last] = [points[0], points.at(-1)];
  if (points.length > 1 && first?.sample === last?.sample && first?.line === last?.line) points.pop();
  if (points.length < 3) throw new RangeError('A polygon needs at least three different points.');
  return points;
}

/** Adds points to each edge until its middle lies where a straight edge in longitude and latitude has it. */
function densify(ring: readonly PixelPoint[], toGround: ToGround): LonLat[] {
  const out: LonLat[] = [];
  const split = (a: PixelPoint, b: PixelPoint, groundA: LonLat, groundB: LonLat, depth: number): void => {
    const middle = { sample: (a.sample + b.sample) / 2, line: (a.line + b.line) / 2 };
    const ground = toGround(middle);
    const straight = {
      lon: groundA.lon + lonStep(groundA.lon, groundB.lon) / 2,
      lat: (groundA.lat + groundB.lat) / 2,
    };
    const allowed = Math.min(MAX_DEVIATION_M, DEVIATION_OF_LENGTH * chordM(groundA, groundB));
    if (depth === 0 || chordM(ground, straight) <= allowed) return;
    split(a, middle, groundA, ground, depth - 1);
    out.push(ground);
    split(middle, b, ground, groundB, depth - 1);
  };
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as PixelPoint;
    const [groundA, groundB] = [toGround(a), toGround(b)];
    out.push(groundA);
    split(a, b, groundA, groundB, MAX_SPLITS);
  });
  return out;
}

/**
 * Makes longitudes run on; `end` is where the first point's longitude comes to lie after the whole way. A
 * stay at a pole becomes a way along it, from the longitude it came by to the one it leaves by.
 */
function unwrap(ring: readonly LonLat[]): { positions: Position[]; start: number; end: number } {
  const farthest = ring.reduce(
    (best, p, i) => (Math.abs(p.lat) < Math.abs(ring[best]?.lat ?? 90) ? i : best),
    0,
  );
  const [first, ...rest] = [...ring.slice(farthest), ...ring.slice(0, farthest)] as [LonLat, ...LonLat[]];
  const positions: Position[] = [[first.lon, first.lat]];
  let lon = first.lon;
  let pole: number | null = null;
  for (const p of [...rest, first]) {
    if (90 - Math.abs(p.lat) < POLE_DEG) {
      pole = 90 * Math.sign(p.lat);
      continue;
    }
    const next = lon + lonStep(lon, p.lon);
    if (pole !== null) positions.push([lon, pole], [next, pole]);
    positions.push([next, p.lat]);
    lon = next;
    pole = null;
  }
  positions.pop();
  return { positions, start: first.lon, end: lon };
}

/** Shortest way from one longitude to another, in [-180, 180]. */
function lonStep(from: number, to: number): number {
  return normaliseLon(to - normaliseLon(from));
}

/** Area between a path that goes once around and the pole it goes around, three turns wide. */
function closedOverPole(positions: readonly Position[], winding: number): Position[] {
  const eastward = winding > 0 ? positions : [...positions].reverse();
  const pole = (eastward[0]?.[1] ?? 0) > 0 ? 90 : -90;
  const offset = 360 * Math.floor(((eastward[0]?.[0] ?? 0) + 180) / 360);
  const turns = [-360, 0, 360].flatMap((turn) =>
    eastward.map(([lon, lat]): Position => [lon - offset + turn, lat]),
  );
  const [first, last] = [turns[0]?.[0] ?? 0, turns.at(-1)?.[0] ?? 0];
  return [...turns, [last, pole], [first, pole]];
}

/** Parts of a ring between -180 and 180, each closed and counter-clockwise. */
function splitAtAntimeridian(ring: readonly Position[]): Position[][] {
  const lons = ring.map(([lon]) => lon);
  const from = Math.floor((Math.min(...lons) + 180) / 360);
  const to = Math.max(from, Math.ceil((Math.max(...lons) - 180) / 360));
  if (from === to) return [finish(ring, 360 * from)];
  const subject = turfPolygon([[...ring, ring[0] as Position]]);
  const around = Math.max(...lons) - Math.min(...lons) > 360;
  const parts: Position[][] = [];
  for (const turn of around ? [0] : range(from, to)) {
    const [west, east] = [360 * turn - 180, 360 * turn + 180];
    const window = turfPolygon([
      [
        [west, -90],
        [east, -90],
        [east, 90],
        [west, 90],
        [west, -90],
      ],
    ]);
    const geometry = intersect(featureCollection([subject, window]))?.geometry;
    const polygons = geometry?.type === 'Polygon' ? [geometry.coordinates] : (geometry?.coordinates ?? []);
    for (const [outer = []] of polygons) {
      parts.push(
        finish(
          outer.slice(0, -1).map(([lon = 0, lat = 0]): Position => [lon, lat]),
          360 * turn,
        ),
      );
    }
  }
  return parts;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function finish(ring: readonly Position[], shift: number): Position[] {
  const shifted = ring.map(([lon, lat]): Position => [
    Math.min(180, Math.max(-180, lon - shift)),
    Math.min(90, Math.max(-90, lat)),
  ]);
  const distinct = shifted.filter((p, i) => {
    const before = shifted[(i + shifted.length - 1) % shifted.length] as Position;
    return p[0] !== before[0] || p[1] !== before[1];
  });
  const oriented = planarArea(distinct) < 0 ? distinct.reverse() : distinct;
  return [...oriented, oriented[0] as Position];
}

function planarArea(ring: readonly Position[]): number {
  return ring.reduce((sum, [x0, y0], i) => {
    const [x1, y1] = ring[(i + 1) % ring.length] as Position;
    return sum + (x0 * y1 - x1 * y0) / 2;
  }, 0);
}
