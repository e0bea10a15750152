import { groundM, meanDirection } from '../geo/sphere.js';
import { ROUND_95 } from '../geo/uncertainty.js';
import type { Density } from './density.js';
import { groundCell } from './ground-cells.js';
import type { GroundFits } from './ground-fits.js';
import type { SiteDetection } from '../domain/site.js';
import type { SiteOptions } from './site-options.js';

/** No two detections farther apart are one place, whatever their uncertainty: half of a ground cell's width. */
export const MOST_APART_M = 3000;

/**
 * How far apart two detections are, as a part of what they may be; null where they cannot be one place: they are of
 * one image, too far apart, or a chance partner is too likely within that distance.
 */
export function apart(
  a: SiteDetection,
  b: SiteDetection,
  fits: GroundFits,
  density: Density,
  options: Pick<SiteOptions, 'radius' | 'chance'>,
): number | null {
  if (a.imageId === b.imageId) return null;
  const { distanceM, radiusM } = between(a, b, fits);
  const allowed = Math.min(MOST_APART_M, options.radius * radiusM);
  if (distanceM > allowed) return null;
  const chance = Math.PI * allowed * allowed * Math.max(density.at(a, b.imageId, allowed), density.at(b, a.imageId, allowed)); // prettier-ignore
  return chance > options.chance ? null : distanceM / allowed;
}

/**
 * Distance of two detections and the 95 % radius of its error: that of the registration where their images are
 * linked, else that of their places by themselves.
 */
export function between(
  a: SiteDetection,
  b: SiteDetection,
  fits: GroundFits,
): { readonly distanceM: number; readonly radiusM: number } {
  const absolute = { distanceM: groundM(a, b), radiusM: Math.hypot(a.uncertaintyM, b.uncertaintyM) };
  const fit = fits.of(groundCell(meanDirection([a, b])));
  const { group } = fit.adjustment;
  const number = group.get(a.imageId);
  if (number === undefined || number !== group.get(b.imageId)) return absolute;
  const [p, q] = [fit.placeOf(a), fit.placeOf(b)];
  const linked = fit.adjustment.sigmaM([
    { imageId: a.imageId, point: a, weight: 1 },
    { imageId: b.imageId, point: b, weight: -1 },
  ]);
  const own = [a, b].map((d) => Math.hypot(fit.adjustment.residualM(d.imageId), d.sizeM / 4));
  const radiusM = ROUND_95 * Math.hypot(linked, ...own);
  const distanceM = Math.hypot(p.x - q.x, p.y - q.y);
  return { distanceM, radiusM: Math.min(radiusM, absolute.radiusM) };
}
