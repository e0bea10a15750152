import type { LonLat } from '../domain/geometry.js';
import { ROUND_95 } from '../geo/uncertainty.js';
import { groundCell } from './ground-cells.js';
import type { GroundFit, GroundFits } from './ground-fits.js';
import { judge, type Sight } from './judge.js';
import { sunOver } from './light.js';
import { scoredAt } from './looks.js';
import type { SiteDetection, SiteVerdict } from '../domain/site.js';
import type { SiteScan } from './site-data.js';
import type { SiteOptions } from './site-options.js';

/** A detection with its place once its image is registered. */
export interface PlacedDetection extends LonLat {
  readonly pk: number;
  readonly uncertaintyM: number;
}

/** One place, and what all images say of it. */
export interface MadeSite extends LonLat, SiteVerdict {
  /** 95 % radius of the place on the Moon, metres. */
  readonly uncertaintyM: number;
  /** Ground cell of its earliest detection. */
  readonly cell: number;
  /** The earliest observed first. */
  readonly members: readonly SiteDetection[];
  readonly placed: readonly PlacedDetection[];
  readonly best: SiteDetection;
  readonly firstObservedAt: Date;
  readonly lastObservedAt: Date;
}

/** @param members detections that are one place, the earliest observed first */
export function makeSite(
  members: readonly SiteDetection[],
  fits: GroundFits,
  options: SiteOptions,
): MadeSite {
  const cell = groundCell(members[0]!);
  const fit = fits.of(cell);
  const spots = members.map((member) => fit.placeOf(member));
  const middle = {
    x: spots.reduce((sum, { x }) => sum + x, 0) / spots.length,
    y: spots.reduce((sum, { y }) => sum + y, 0) / spots.length,
  };
  const place = fit.projection.inverse(middle);
  const best = [...members].sort((a, b) => b.score - a.score || (a.detectionId < b.detectionId ? -1 : 1))[0]!;
  const scores = new Map<string, number>();
  for (const { imageId, score } of members) scores.set(imageId, score);
  const sights = fit.scans.flatMap((scan) => {
    const score = scores.get(scan.imageId) ?? null;
    const highest = score ?? highestAt(scan, fit, middle, members);
    if (highest === null) return [];
    const sun = sunOver(place, scan.subSolar, scan.incidenceDeg);
    const { scanId, look, observedAt } = scan;
    return [{ scanId, look, observedAt, sun, score, highest } satisfies Sight];
  });
  const times = sights.filter(({ score }) => score !== null).map(({ observedAt }) => observedAt.getTime());
  return {
    ...place,
    ...judge(sights, options),
    uncertaintyM: radiusOf(members, fit),
    cell,
    members,
    placed: members.map((member, i) => ({
      pk: member.pk,
      ...fit.projection.inverse(spots[i]!),
      uncertaintyM: radiusOf([member], fit),
    })),
    best,
    firstObservedAt: new Date(Math.min(...times)),
    lastObservedAt: new Date(Math.max(...times)),
  };
}

/** 95 % radius of the mean place, from the adjustment for linked images and from each detection for others. */
function radiusOf(members: readonly SiteDetection[], fit: GroundFit): number {
  const weight = 1 / members.length;
  const linked = members.filter(({ imageId }) => fit.adjustment.group.has(imageId));
  const common = fit.adjustment.sigmaM(linked.map((point) => ({ imageId: point.imageId, point, weight })));
  const own = members.map((member) =>
    fit.adjustment.group.has(member.imageId)
      ? Math.hypot(fit.adjustment.residualM(member.imageId), member.sizeM / 4)
      : member.uncertaintyM / ROUND_95,
  );
  const radius = ROUND_95 * Math.hypot(common, weight * Math.hypot(...own));
  return Math.min(radius, ...members.map(({ uncertaintyM }) => uncertaintyM));
}

/** What an image without a detection there scored at a site; null where it did not look. */
function highestAt(
  scan: SiteScan,
  fit: GroundFit,
  middle: { readonly x: number; readonly y: number },
  members: readonly SiteDetection[],
): number | null {
  const { adjustment } = fit;
  const map = fit.mapOf(scan.imageId);
  // Where the image itself puts the place: its correction varies so slowly that one step is enough.
  const by = adjustment.correction(scan.imageId, map.pixelAt(middle));
  const at = { x: middle.x - by.x, y: middle.y - by.y };
  const pixel = map.pixelAt(at);
  const number = adjustment.group.get(scan.imageId);
  const near = members.filter(
    ({ imageId }) => number !== undefined && adjustment.group.get(imageId) === number,
  );
  if (near.length === 0) {
    const own = Math.max(...scan.cornersUncertaintyM);
    return scoredAt(
      scan,
      map,
      at,
      Math.hypot(own, Math.min(...members.map((member) => member.uncertaintyM))),
    );
  }
  const sigma = adjustment.sigmaM([
    { imageId: scan.imageId, point: pixel, weight: -1 },
    ...near.map((point) => ({ imageId: point.imageId, point, weight: 1 / near.length })),
  ]);
  const size = Math.max(...members.map(({ sizeM }) => sizeM));
  return scoredAt(scan, map, at, ROUND_95 * Math.hypot(sigma, adjustment.residualM(scan.imageId), size / 4));
}
