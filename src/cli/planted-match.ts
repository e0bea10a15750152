import type { LonLat } from '../domain/geometry.js';

/** An object planted in a synthetic image: what `/truth.json` of the replica tells of it. */
export interface Planted extends LonLat {
  readonly kind: string;
  /** 0-based, pixel centre + 0.5. */
  readonly line: number;
  readonly sample: number;
  readonly size_m: number;
}

/** A detection as far as it is compared. */
export interface Found {
  readonly rank_in_image: number;
  readonly line: number;
  readonly sample: number;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly uncertainty_m: number | null;
}

/** Whether a planted object was found, and how near its true place. */
export interface PlantedMatch {
  readonly kind: string;
  readonly found: boolean;
  readonly rank: number | null;
  readonly distance_m: number | null;
  readonly uncertainty_m: number | null;
}

/** A peak this near the edge of an object belongs to it, pixels. */
const REACH_PX = 8;

/**
 * The detection that shows a planted object: the highest-ranked whose peak lies on it in the image.
 *
 * @param resolutionM ground size of a pixel
 * @param distanceM metres along the ground between two places
 */
export function matchPlanted<Detection extends Found>(
  planted: Planted,
  detections: readonly Detection[],
  resolutionM: number,
  distanceM: (a: LonLat, b: LonLat) => number,
): PlantedMatch {
  const reach = REACH_PX + planted.size_m / resolutionM;
  const hit = detections
    .filter(({ sample, line }) => Math.hypot(sample - planted.sample, line - planted.line) <= reach)
    .reduce<Detection | null>(
      (best, each) => (best === null || each.rank_in_image < best.rank_in_image ? each : best),
      null,
    );
  const placed = hit !== null && hit.lon !== null && hit.lat !== null ? { lon: hit.lon, lat: hit.lat } : null;
  return {
    kind: planted.kind,
    found: hit !== null,
    rank: hit?.rank_in_image ?? null,
    distance_m: placed === null ? null : distanceM(placed, planted),
    uncertainty_m: hit?.uncertainty_m ?? null,
  };
}
