import { MOON_RADIUS_M, type LonLat } from '../domain/geometry.js';
import type { Feature } from '../domain/reference.js';
import { bearingDeg, dot, groundM, toVector, type Vector3 } from './sphere.js';

/** How far the centre of a landmark may lie away before the one with the nearest centre is taken, metres. */
const REACH_M = 300_000;

const LANDMARK_TYPES = new Set(['crater', 'satellite feature', 'landing site name', 'promontorium']);
const DIRECTIONS = ['N', 'NE', 'E', 'SE', 'S', 'SW', 'W', 'NW', 'N'];

/**
 * Whether places are told by a feature: those that are round or small. Maria, ranges, rilles and ridges are known
 * by one point and one length alone, from which nobody can tell what lies in or beside them.
 */
export function isLandmark({ type, name }: Pick<Feature, 'type' | 'name'>): boolean {
  return LANDMARK_TYPES.has(type) || (type === 'mons' && !name.startsWith('Montes '));
}

/**
 * Finder of the named feature by which a place is told, by the rule of `selenoscan_data.landmark_of`: the
 * smallest landmark that holds the place; else, of those whose centre lies within 300 km, the one whose rim is
 * nearest; else the one with the nearest centre.
 *
 * @returns a function that gives null where there are no landmarks.
 */
export function nearestFeatureFinder(features: readonly Feature[]): (place: LonLat) => Feature | null {
  const landmarks = [...features].filter(isLandmark).sort((a, b) => a.id - b.id);
  const directions: readonly Vector3[] = landmarks.map(toVector);
  const reach = Math.cos(REACH_M / MOON_RADIUS_M);
  return (place) => {
    const at = toVector(place);
    let holding: Feature | null = null;
    let beside: Feature | null = null;
    let nearest: Feature | null = null;
    let [smallest, least, best] = [Infinity, Infinity, -Infinity];
    landmarks.forEach((landmark, i) => {
      const cosine = dot(at, directions[i]!);
      if (cosine > best) [best, nearest] = [cosine, landmark];
      if (cosine < reach) return;
      const distance = groundM(landmark, place);
      const radius = radiusM(landmark);
      if (distance <= radius) {
        if (radius < smallest) [smallest, holding] = [radius, landmark];
        return;
      }
      const toRim = distance - radius;
      if (toRim < least) [least, beside] = [toRim, landmark];
    });
    return holding ?? beside ?? nearest;
  };
}

/**
 * A place by a named feature: `in Tycho` within its radius, else as `62 km NE of Tycho`: distance along the ground
 * from the feature's centre, and the direction there.
 */
export function relativeTo(feature: Feature, place: LonLat): string {
  const distance = groundM(feature, place);
  if (distance <= radiusM(feature)) return `in ${feature.name}`;
  const km = (distance / 1000).toFixed(distance < 9950 ? 1 : 0);
  const direction = DIRECTIONS[Math.round(bearingDeg(feature, place) / 45)] ?? '';
  return `${km} km ${direction} of ${feature.name}`;
}

function radiusM({ diameterKm }: Feature): number {
  return (diameterKm ?? 0) * 500;
}
