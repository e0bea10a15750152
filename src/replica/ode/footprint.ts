import type { LonLat } from '../../domain/geometry.js';
import { wrap180, wrap360 } from '../sphere.js';

type Ring = readonly LonLat[];

/** Footprints as ODE gives them: well-known text of the corners, closed, in the order UR, LR, LL, UL, UR. */
export interface Footprint {
  /** 0..360, split where it crosses 0. */
  readonly geometry: string;
  /** -180..180, not split. */
  readonly c0: string;
  /** 0..360, not split. */
  readonly gl: string;
  readonly crossesMeridian: boolean;
}

/** @param corners upper right, lower right, lower left, upper left; longitudes 0..360 */
export function footprintOf(corners: Ring): Footprint {
  const ring = [...corners, ...corners.slice(0, 1)];
  const unwrapped = unwrap(ring);
  const crossesMeridian = unwrapped.some(({ lon }) => lon < 0 || lon > 360);
  // Of a footprint across 0, all longitudes about 360.
  const shift = unwrapped.some(({ lon }) => lon < 0) ? 360 : 0;
  const whole = unwrapped.map(({ lon, lat }) => ({ lon: lon + shift, lat }));
  const west = clip(whole, (lon) => lon <= 360);
  const east = clip(whole, (lon) => lon >= 360).map(({ lon, lat }) => ({ lon: lon - 360, lat }));
  return {
    geometry: crossesMeridian
      ? `GEOMETRYCOLLECTION (${polygon(west)}, ${polygon(east)})`
      : polygon(ring.map(({ lon, lat }) => ({ lon: wrap360(lon), lat }))),
    c0: polygon(ring.map(({ lon, lat }) => ({ lon: wrap180(lon), lat }))),
    gl: polygon(ring.map(({ lon, lat }) => ({ lon: wrap360(lon), lat }))),
    crossesMeridian,
  };
}

/** Western and eastern longitude 0..360, southern and northern latitude. */
export function boundsOf(corners: Ring): { west: number; east: number; south: number; north: number } {
  const lons = unwrap(corners).map(({ lon }) => lon);
  const lats = corners.map(({ lat }) => lat);
  return {
    west: wrap360(Math.min(...lons)),
    east: wrap360(Math.max(...lons)),
    south: Math.min(...lats),
    north: Math.max(...lats),
  };
}

/** Each longitude within 180 degrees of the one before. */
function unwrap(ring: Ring): LonLat[] {
  let last = ring[0]?.lon ?? 0;
  return ring.map(({ lon, lat }) => {
    last += wrap180(lon - last);
    return { lon: last, lat };
  });
}

/** The part of a closed ring on one side of 360 degrees. */
function clip(ring: Ring, inside: (lon: number) => boolean): LonLat[] {
  const kept: LonLat[] = [];
  ring.forEach((point, i) => {
    const before = ring[i - 1];
    if (before !== undefined && inside(before.lon) !== inside(point.lon)) {
      const share = (360 - before.lon) / (point.lon - before.lon);
      kept.push({ lon: 360, lat: before.lat + share * (point.lat - before.lat) });
    }
    if (inside(point.lon)) kept.push(point);
  });
  const [first, last] = [kept[0], kept.at(-1)];
  const closed = first !== undefined && first.lon === last?.lon && first.lat === last.lat;
  return closed || first === undefined ? kept : [...kept, first];
}

function polygon(ring: Ring): string {
  if (ring.length === 0) return 'POLYGON EMPTY';
  return `POLYGON ((${ring.map(({ lon, lat }) => `${number(lon)} ${number(lat)}`).join(', ')}))`;
}

function number(value: number): string {
  return String(Math.round(value * 1e4) / 1e4 + 0);
}
