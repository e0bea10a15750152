import type { ProductLimits } from '../archive/choose/filter-product.js';
import type { LonLatBox } from '../archive/choose/meets-box.js';
import type { Config } from '../config/schema.js';

/** Which images the deployment wants, as configured. */
export function productLimits({ archive }: Config): ProductLimits {
  return {
    maxIncidenceDeg: archive.max_incidence,
    maxEmissionDeg: archive.max_emission,
    maxResolutionM: archive.max_resolution,
    minLines: archive.min_lines,
    samples: archive.summed ? [5064, 2532] : [5064],
    rejectQuality: archive.reject_quality,
    area: areaOf(archive.area),
  };
}

/** The configured box; none where all of the Moon is wanted. */
function areaOf([west, south, east, north]: readonly number[]): LonLatBox | null {
  return west === undefined || south === undefined || east === undefined || north === undefined
    ? null
    : [west, south, east, north];
}
