import type { MultiPolygon } from '../domain/geometry.js';
import type { PagePlace } from './cursor.js';

/** Degrees; west > east crosses the antimeridian. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface DetectionQuestion {
  readonly bbox?: Box | undefined;
  /** Bounds of the image's start time: from `since`, before `until`. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  readonly minScore?: number | undefined;
  readonly imageId?: string | undefined;
  readonly siteId?: number | undefined;
  /** Whether a known object lies there. */
  readonly known?: boolean | undefined;
  readonly after?: PagePlace | undefined;
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

export interface FeatureResult {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly lon: number;
  readonly lat: number;
  readonly diameter_km: number | null;
}

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

export const PICTURES = ['tile', 'reconstruction', 'error', 'context'] as const;
export type Picture = (typeof PICTURES)[number];

/** What the API and the page ask of the results; current scans of the active model only. */
export interface ResultReader {
  /** Changes whenever detections or coverage may have changed; cheap, as every open page asks it again and again. */
  revision(): Promise<string>;
  /** The highest score first, then by id. */
  detections(question: DetectionQuestion): Promise<DetectionResult[]>;
  detection(id: number): Promise<(DetectionResult & { readonly outline: MultiPolygon | null }) | null>;
  /** PNG bytes; null where the detection or its picture is not kept. */
  picture(id: number, picture: Picture): Promise<Uint8Array | null>;
  /** The largest first. */
  features(question: {
    readonly bbox?: Box | undefined;
    readonly minDiameterKm?: number | undefined;
    readonly limit: number;
  }): Promise<FeatureResult[]>;
  /** The latest scan first. */
  coverage(question: { readonly bbox?: Box | undefined; readonly limit: number }): Promise<CoverageResult[]>;
}
