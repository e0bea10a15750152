import type { MultiPolygon } from '../../domain/geometry.js';
import type { Bounds } from '../layer.js';

/**
 * Bounding box of a polygon that is split at the antimeridian, as RFC 7946 wants it: west > east where it crosses.
 * Of the longitudes' gaps the largest is left out.
 */
export function lonLatBbox({ coordinates }: MultiPolygon): Bounds | null {
  const places = coordinates.flat(2);
  if (places.length === 0) return null;
  const lats = places.map(([, lat = NaN]) => lat);
  const spans = coordinates.map((rings) => spanOf(rings.flat().map(([lon = NaN]) => lon)));
  const [west, east] = circleSpan(spans);
  return [west, Math.min(...lats), east, Math.max(...lats)];
}

function spanOf(lons: readonly number[]): [number, number] {
  return [Math.min(...lons), Math.max(...lons)];
}

function circleSpan(spans: readonly (readonly [number, number])[]): [number, number] {
  const merged: { west: number; east: number }[] = [];
  for (const [west, east] of [...spans].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && west <= last.east) last.east = Math.max(last.east, east);
    else merged.push({ west, east });
  }
  const whole = { west: merged[0]?.west ?? -180, east: merged.at(-1)?.east ?? 180 };
  let { west, east } = whole;
  let largest = west + 360 - east;
  for (const [i, next] of merged.slice(1).entries()) {
    const before = merged[i] ?? next;
    if (next.west - before.east <= largest) continue;
    largest = next.west - before.east;
    [west, east] = [next.west, before.east];
  }
  return [west, east];
}
