import type { LonLat } from '../domain/geometry.js';
import type { Feature } from '../domain/reference.js';
import { dot, toVector, type Vector3 } from './sphere.js';

/**
 * Finder of the named feature whose centre lies nearest to a place, along the sphere.
 *
 * @returns a function that gives null where there are no features.
 */
export function nearestFeatureFinder(features: readonly Feature[]): (place: LonLat) => Feature | null {
  const directions: readonly Vector3[] = features.map(toVector);
  return (place) => {
    const at = toVector(place);
    let nearest: Feature | null = null;
    let best = -Infinity;
    features.forEach((feature, i) => {
      const cosine = dot(at, directions[i]!);
      if (cosine <= best) return;
      best = cosine;
      nearest = feature;
    });
    return nearest;
  };
}
