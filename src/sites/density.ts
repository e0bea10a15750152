import { groundM } from '../geo/sphere.js';
import type { LonLat } from '../domain/geometry.js';
import type { SiteDetection } from '../domain/site.js';
import type { SiteScan } from './site-data.js';

/** Detections are counted within this distance at least, metres: fewer than some would tell nothing. */
const LEAST_M = 1500;
/** And within this at most: with the farthest partner it lies within one ground cell of a place. */
const MOST_M = 4000;
/** Area of an image that does not tell how much it covered, square kilometres: a tenth of a long strip. */
const UNKNOWN_AREA_KM2 = 25;

/** How densely images are strewn with detections, by which chance partners are expected. */
export class Density {
  readonly #byImage = new Map<string, SiteDetection[]>();
  readonly #mean = new Map<string, number>();

  constructor(scans: readonly SiteScan[], detections: readonly SiteDetection[]) {
    for (const { imageId, areaKm2, detections: count } of scans)
      this.#mean.set(
        imageId,
        count / ((areaKm2 === null || areaKm2 === 0 ? UNKNOWN_AREA_KM2 : areaKm2) * 1e6),
      );
    for (const detection of detections) {
      const there = this.#byImage.get(detection.imageId);
      if (there === undefined) this.#byImage.set(detection.imageId, [detection]);
      else there.push(detection);
    }
  }

  /** Detections of an image for each square metre around a place: the image's mean, or more where they crowd. */
  at(place: LonLat, imageId: string, withinM: number): number {
    const reach = Math.min(MOST_M, Math.max(LEAST_M, 2 * withinM));
    const near = (this.#byImage.get(imageId) ?? []).filter((other) => groundM(place, other) <= reach).length;
    // The one that may be the partner does not tell of others.
    const crowd = Math.max(0, near - 1) / (Math.PI * reach * reach);
    return Math.max(this.#mean.get(imageId) ?? 0, crowd);
  }
}
