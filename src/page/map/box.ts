import type { Box } from '../api.js';
import { longitudeSpan } from '../sphere.js';
import type { MoonMap } from './projections.js';

/**
 * What a piece of a map shows, in degrees; null where that is about all.
 * @param extent left, bottom, right and top of the piece, in the map's units
 */
export function boxOf(
  moon: MoonMap,
  [left = 0, bottom = 0, right = 0, top = 0]: readonly number[],
): Box | null {
  if (moon.worldWidth === 0) return polarBox(moon, left, bottom, right, top);
  const half = moon.worldWidth / 4;
  const south = (Math.max(bottom, -half) / half) * 90;
  const north = (Math.min(top, half) / half) * 90;
  if (south >= north) return null;
  if (right - left >= moon.worldWidth) return [-180, south, 180, north];
  return [moon.inverse(left, 0)[0], south, moon.inverse(right, 0)[0], north];
}

function polarBox(moon: MoonMap, left: number, bottom: number, right: number, top: number): Box {
  const sign = moon.kind === 'north' ? 1 : -1;
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const places = steps.flatMap((s) =>
    steps.map((t) => moon.inverse(left + s * (right - left), bottom + t * (top - bottom))),
  );
  const poleward = places.map(([, lat]) => lat * sign);
  const low = Math.max(Math.min(...poleward), -15);
  const holdsPole = left < 0 && right > 0 && bottom < 0 && top > 0;
  const high = holdsPole ? 90 : Math.max(...poleward);
  const [west, east] = holdsPole ? [-180, 180] : longitudeSpan(places.map(([lon]) => lon));
  return sign > 0 ? [west, low, east, high] : [west, -high, east, -low];
}
