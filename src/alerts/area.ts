import { UsageError } from '../domain/errors.js';
import type { LonLatBox } from '../domain/results.js';
import { z } from 'zod';

/** Longitude (of any turn) and latitude, degrees. */
export type Vertex = readonly [lon: number, lat: number];
/** Closed; the first is the outside, the others are holes. Longitudes run on across 180 degrees. */
export type AreaPolygon = readonly (readonly Vertex[])[];

const position = z.array(z.number()).min(2);
const rings = z.array(z.array(position)).min(1);
const polygon = z.object({ type: z.literal('Polygon'), coordinates: rings });
const multiPolygon = z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(rings).min(1) });
const geometry = z.discriminatedUnion('type', [polygon, multiPolygon]);

/** GeoJSON of the area of a rule: a Polygon or MultiPolygon, alone, in a Feature or in a FeatureCollection. */
export const areaSchema = z.union(
  [
    geometry,
    z.object({ type: z.literal('Feature'), geometry }),
    z.object({ type: z.literal('FeatureCollection'), features: z.array(z.object({ geometry })).min(1) }),
  ],
  {
    error:
      'must be GeoJSON: a Polygon or MultiPolygon with longitude and latitude in degrees on the Moon, alone or in a Feature or FeatureCollection',
  },
);
export type AreaGeoJson = z.infer<typeof areaSchema>;

/**
 * Polygons of a rule's area. Edges are straight in longitude and latitude and take the short way round: one that
 * spans more than 180 degrees crosses the antimeridian, one of exactly 360 goes once around the Moon. A ring that
 * goes around a pole holds it.
 *
 * @throws UsageError naming the first ring that is none
 */
export function readArea(geoJson: AreaGeoJson): AreaPolygon[] {
  return polygonsOf(geoJson).map((polygon) => {
    const [first = [], ...holes] = polygon;
    const outside = unwrap(first);
    return [outside, ...holes.map((hole) => besideOf(outside, unwrap(hole)))];
  });
}

/** A box as an area; west > east crosses 180 degrees. */
export function boxArea({ west, south, east, north }: LonLatBox): AreaPolygon[] {
  const end = east < west ? east + 360 : east;
  return [
    [
      [
        [west, south],
        [end, south],
        [end, north],
        [west, north],
        [west, south],
      ],
    ],
  ];
}

function polygonsOf(geoJson: AreaGeoJson): number[][][][] {
  if (geoJson.type === 'FeatureCollection')
    return geoJson.features.flatMap(({ geometry }) => polygonsOf(geometry));
  if (geoJson.type === 'Feature') return polygonsOf(geoJson.geometry);
  return geoJson.type === 'Polygon' ? [geoJson.coordinates] : geoJson.coordinates;
}

function unwrap(ring: readonly (readonly number[])[]): Vertex[] {
  const given = ring.map(([lon = NaN, lat = NaN]): Vertex => [lon, lat]);
  for (const [lon, lat] of given)
    if (!(Math.abs(lon) <= 540 && Math.abs(lat) <= 90))
      throw new UsageError(
        `The area has the place ${lon}, ${lat}: give longitudes within -540..540 and latitudes within -90..90 degrees.`,
      );
  const [first, last] = [given[0], given.at(-1)];
  if (first === undefined || last === undefined || given.length < 4)
    throw new UsageError('A ring of the area has fewer than four places: the last repeats the first.');
  if (first[1] !== last[1] || (first[0] - last[0]) % 360 !== 0)
    throw new UsageError(
      `A ring of the area begins at ${first.join(', ')} and ends at ${last.join(', ')}: repeat the first place at its end.`,
    );
  const turned: Vertex[] = [];
  let lon = inTurn(first[0]);
  given.forEach(([each, lat], i) => {
    const step = each - (given[i - 1]?.[0] ?? each);
    lon += Math.abs(step) > 180 && Math.abs(step) !== 360 ? step - 360 * Math.round(step / 360) : step;
    turned.push([lon, lat]);
  });
  return roundPole(turned);
}

function inTurn(lon: number): number {
  return lon >= -180 && lon <= 180 ? lon : lon - 360 * Math.floor((lon + 180) / 360);
}

/** One that came back a turn later has gone around the pole that is nearer: it is closed along it. */
function roundPole(ring: readonly Vertex[]): Vertex[] {
  const [first, last] = [ring[0], ring.at(-1)];
  if (first === undefined || last === undefined || Math.abs(last[0] - first[0]) < 1e-9) return [...ring];
  const pole = ring.reduce((sum, [, lat]) => sum + lat, 0) >= 0 ? 90 : -90;
  return [...ring, [last[0], pole], [first[0], pole], first];
}

/** A hole in the turn of the ring around it. */
function besideOf(outside: readonly Vertex[], hole: readonly Vertex[]): Vertex[] {
  const middle = (ring: readonly Vertex[]): number => {
    const lons = ring.map(([lon]) => lon);
    return (Math.min(...lons) + Math.max(...lons)) / 2;
  };
  const shift = 360 * Math.round((middle(outside) - middle(hole)) / 360);
  return hole.map(([lon, lat]): Vertex => [lon + shift, lat]);
}
