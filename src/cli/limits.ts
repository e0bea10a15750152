import type { ProductLimits } from '../archive/choose/filter-product.js';
import type { LonLatBox } from '../archive/choose/meets-box.js';
import type { Config } from '../config/schema.js';
import type { SiteOptions } from '../sites/site-options.js';
import type { ClaimPolicy } from '../pipeline/scan-ending.js';

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

/** How long a scan is held, and how often and when it is tried again, as configured. */
export function claimPolicy({ queue }: Config): ClaimPolicy {
  return {
    leaseSeconds: queue.lease_s,
    maxAttempts: queue.attempts,
    retrySeconds: queue.retry_s,
    missingSeconds: queue.missing_hours * 3600,
  };
}

/** How long after a product was announced its other file may be taken, ms; null = never. */
export function fallbackMs({ archive }: Config): number | null {
  return archive.fallback_h < 0 ? null : archive.fallback_h * 3_600_000;
}

/** The configured box; none where all of the Moon is wanted. */
function areaOf([west, south, east, north]: readonly number[]): LonLatBox | null {
  return west === undefined || south === undefined || east === undefined || north === undefined
    ? null
    : [west, south, east, north];
}

/** What makes a site, as configured. */
export function siteOptions({ sites }: Config): SiteOptions {
  return {
    radius: sites.radius,
    chance: sites.chance,
    registerLightDeg: sites.register_light,
    likeLight: {
      incidenceDeg: sites.like_incidence,
      incidenceDifferenceDeg: sites.like_difference,
      azimuthDifferenceDeg: sites.like_azimuth,
    },
    scoreMargin: sites.margin,
    changeScore: sites.change_score,
    persistence: sites.persistence,
  };
}
