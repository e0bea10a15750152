import type { MultiPolygon } from './geometry.js';

/** Results as people ask for them: rows of the views `selenoscan.*`, and the questions they answer. */

/** Degrees; west > east crosses the antimeridian. */
export interface LonLatBox {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** A detection's place in the order by score: where a page of them ended. */
export interface DetectionPlace {
  readonly score: number;
  readonly id: number;
}

export interface DetectionQuestion {
  readonly bbox?: LonLatBox | undefined;
  /** Bounds of the image's start time: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly minScore?: number | undefined;
  readonly imageId?: string | undefined;
  readonly siteId?: number | undefined;
  /** Whether a known object lies there. */
  readonly known?: boolean | undefined;
  /** The last row of the page before. */
  readonly after?: DetectionPlace | undefined;
  readonly limit: number;
}

/** A row of the view `selenoscan.detections` without geometry; the place is lon and lat. */
export interface DetectionResult {
  readonly id: number;
  readonly product_id: string;
  readonly product_version: string;
  readonly image_id: string;
  readonly observed_at: Date;
  readonly scanned_at: Date;
  readonly score: number;
  readonly score_raw: number;
  readonly scores: Record<string, number>;
  readonly rank_in_image: number;
  readonly lon: number | null;
  readonly lat: number | null;
  readonly uncertainty_m: number | null;
  readonly line: number;
  readonly sample: number;
  readonly width_m: number | null;
  readonly height_m: number | null;
  readonly incidence_deg: number | null;
  readonly emission_deg: number | null;
  readonly phase_deg: number | null;
  readonly sun_azimuth_deg: number | null;
  readonly resolution_m: number | null;
  readonly model_id: string;
  readonly code_version: string;
  readonly source_url: string;
  readonly source_checksum: string;
  readonly site_id: number | null;
  readonly site_status: string | null;
  readonly known_object: string | null;
  readonly known_object_distance_m: number | null;
  readonly nearest_feature: string | null;
  readonly review: string | null;
  readonly product_url: string;
}

/** One detection with its outline. */
export interface OutlinedDetection extends DetectionResult {
  readonly outline: MultiPolygon | null;
}

export interface FeatureQuestion {
  readonly bbox?: LonLatBox | undefined;
  readonly minDiameterKm?: number | undefined;
  readonly limit: number;
}

/** A named feature of the Moon. */
export interface FeatureResult {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly lon: number;
  readonly lat: number;
  readonly diameter_km: number | null;
}

export interface CoverageQuestion {
  readonly bbox?: LonLatBox | undefined;
  readonly limit: number;
}

/** The ground of one scan. */
export interface CoverageResult {
  readonly id: number;
  readonly product_id: string;
  readonly image_id: string;
  readonly observed_at: Date;
  readonly scanned_at: Date;
  readonly tiles: number;
  readonly tiles_scored: number;
  readonly incidence_deg: number | null;
  readonly resolution_m: number | null;
  readonly seconds: number;
  /** Current detections of the scan. */
  readonly detections: number;
  readonly geometry: MultiPolygon | null;
}

/** Pictures of a detection. */
export const PICTURES = ['tile', 'reconstruction', 'error', 'context'] as const;
export type Picture = (typeof PICTURES)[number];
