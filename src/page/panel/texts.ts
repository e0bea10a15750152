import type { DetectionFeature } from '../../http/contract.js';
import { metresText, placeText } from '../format.js';

/** What the page says of a detection in words. */
export function placeOf({ properties }: DetectionFeature): string {
  const { lon, lat, uncertainty_m: uncertainty } = properties;
  if (lon === null || lat === null) return 'No place: the image has no geometry';
  return `${placeText(lon, lat)}${uncertainty === null ? '' : ` ± ${metresText(uncertainty)}`}`;
}

export function nearOf({ properties }: DetectionFeature): string {
  const { nearest_feature: near, width_m: width, height_m: height } = properties;
  const size = width === null || height === null ? '' : `${metresText(width)} × ${metresText(height)}`;
  return [near ?? '', size].filter((part) => part !== '').join(' · ');
}

export function knownText({ properties }: DetectionFeature): string {
  const { known_object: name, known_object_distance_m: distance } = properties;
  return distance === null ? `${name}` : `${name}, ${metresText(distance)} away`;
}
