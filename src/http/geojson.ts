import { MOON_RADIUS_M } from '../domain/geometry.js';
import type {
  CoverageResult,
  DetectionMark,
  DetectionOrder,
  DetectionPlace,
  DetectionResult,
  FeatureResult,
  OutlinedDetection,
} from '../domain/results.js';
import type { KeptReview, ReviewState } from '../domain/review.js';
import type {
  CoverageCollection,
  DetectionCollection,
  DetectionDetail,
  DetectionFeature,
  FeatureCollection,
  MarkList,
  ReviewStateAnswer,
} from './contract.js';
import { writeCursor } from './cursor.js';

/** GeoJSON has no member for a body or its reference system; these are foreign members, which readers pass over. */
const MOON = {
  body: 'Moon',
  reference_system: 'IAU_2015:30100',
  radius_m: MOON_RADIUS_M,
} as const;

/** A page of at most `limit` of the rows, which go beyond it where there is a next page. */
export function detectionsGeoJson(
  rows: readonly DetectionResult[],
  limit: number,
  order: DetectionOrder = 'score',
): DetectionCollection {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    type: 'FeatureCollection',
    ...MOON,
    features: page.map(feature),
    next: last === undefined || rows.length <= limit ? null : writeCursor(placeOf(last, order)),
  };
}

export function detectionGeoJson(row: OutlinedDetection): DetectionDetail {
  const { outline, reviews, ...rest } = row;
  return { ...MOON, ...feature(rest), outline, reviews: reviews.map(reviewOf) };
}

export function marksJson(marks: readonly DetectionMark[]): MarkList {
  return { ...MOON, marks: [...marks] };
}

export function reviewStateJson({ reviewed_at: at, reviews, ...rest }: ReviewState): ReviewStateAnswer {
  return { ...rest, reviewed_at: at?.toISOString() ?? null, reviews: reviews.map(reviewOf) };
}

function reviewOf({ at, ...review }: KeptReview) {
  return { ...review, at: at.toISOString() };
}

function placeOf({ score, id, learned }: DetectionResult, order: DetectionOrder): DetectionPlace {
  return order === 'learned' ? { score, id, learned } : { score, id };
}

export function featuresGeoJson(rows: readonly FeatureResult[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    ...MOON,
    features: rows.map(({ id, lon, lat, ...properties }) => ({
      type: 'Feature',
      id,
      geometry: { type: 'Point', coordinates: [lon, lat] },
      properties,
    })),
  };
}

export function coverageGeoJson(rows: readonly CoverageResult[]): CoverageCollection {
  return {
    type: 'FeatureCollection',
    ...MOON,
    features: rows.map(({ id, geometry, observed_at, scanned_at, ...properties }) => ({
      type: 'Feature',
      id,
      geometry,
      properties: {
        ...properties,
        observed_at: observed_at.toISOString(),
        scanned_at: scanned_at.toISOString(),
      },
    })),
  };
}

function feature(row: DetectionResult): DetectionFeature {
  const { lon, lat } = row;
  const base = `/api/detections/${row.id}`;
  // A scan that was made anew has other pictures under the same id.
  const version = `?v=${row.scanned_at.getTime().toString(36)}`;
  return {
    type: 'Feature',
    id: row.id,
    geometry: lon === null || lat === null ? null : { type: 'Point', coordinates: [lon, lat] },
    properties: {
      ...row,
      observed_at: row.observed_at.toISOString(),
      scanned_at: row.scanned_at.toISOString(),
      reviewed_at: row.reviewed_at?.toISOString() ?? null,
      chip_url: `${base}/chip.png${version}`,
      reconstruction_url: `${base}/reconstruction.png${version}`,
      error_url: `${base}/error.png${version}`,
      context_url: `${base}/context.png${version}`,
    },
  };
}
