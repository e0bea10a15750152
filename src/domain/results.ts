import type { MultiPolygon } from './geometry.js';
import type { KeptReview } from './review.js';

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
  /** In the learned order what that is by; null behind all that have one, where the score orders. */
  readonly learned?: number | null;
}

/** By score, or by what the reviews so far teach: what has no learned value comes last, by score. */
export const DETECTION_ORDERS = ['score', 'learned'] as const;
export type DetectionOrder = (typeof DETECTION_ORDERS)[number];

export interface DetectionQuestion {
  readonly bbox?: LonLatBox | undefined;
  /** Bounds of the image's start time: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly minScore?: number | undefined;
  readonly maxScore?: number | undefined;
  /** Bounds of the Sun's angle from the zenith at the image's centre, degrees, both included. */
  readonly minIncidence?: number | undefined;
  readonly maxIncidence?: number | undefined;
  readonly imageId?: string | undefined;
  readonly siteId?: number | undefined;
  /** Status of its site; `none` where it belongs to none. */
  readonly siteStatus?: string | undefined;
  /** The verdict that counts; `any` for reviewed ones, `none` for those that nobody reviewed. */
  readonly review?: string | undefined;
  /** Those of which this person said something. */
  readonly reviewer?: string | undefined;
  /** By score where none is named. */
  readonly order?: DetectionOrder | undefined;
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
  /** Who gave the verdict that counts, and when the place got its first one. */
  readonly reviewer: string | null;
  readonly reviewed_at: Date | null;
  /** Log-odds that a person accepts it, as far as the reviews teach; null where nothing is learnt. */
  readonly learned: number | null;
}

/** One detection with its outline, and what each reviewer says of it. */
export interface OutlinedDetection extends DetectionResult {
  readonly outline: MultiPolygon | null;
  readonly reviews: readonly KeptReview[];
}

/** As little of a detection as a map draws. */
export interface DetectionMark {
  readonly id: number;
  readonly lon: number;
  readonly lat: number;
  readonly score: number;
  readonly known: boolean;
  readonly review: string | null;
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
