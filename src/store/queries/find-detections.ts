import type { MultiPolygon } from '../../domain/geometry.js';
import { Conditions, type LonLatBox } from '../conditions.js';
import type { Queryable } from '../database.js';

/** A row of the view `selenoscan.detections` without its geometry, as people ask for it. */
export interface FoundDetection {
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

export interface FindDetections {
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
  readonly after?: { readonly score: number; readonly id: number } | undefined;
  readonly limit: number;
}

const COLUMNS = `
  id, product_id, product_version, image_id, observed_at, scanned_at, score, score_raw, scores, rank_in_image,
  lon, lat, uncertainty_m, line, sample, width_m, height_m, incidence_deg, emission_deg, phase_deg,
  sun_azimuth_deg, resolution_m, model_id, code_version, source_url, source_checksum, site_id, site_status,
  known_object, known_object_distance_m, nearest_feature, review, product_url`;

/** Current detections of the active model, the highest score first, then by id. */
export async function findDetections(db: Queryable, wanted: FindDetections): Promise<FoundDetection[]> {
  const conditions = new Conditions();
  const compare = (left: string, operator: string, value: unknown): void => {
    if (value !== undefined) conditions.where(`${left} ${operator} ${conditions.add(value)}`);
  };
  if (wanted.bbox !== undefined) conditions.whereInBox('geom', wanted.bbox);
  compare('observed_at', '>=', wanted.since);
  compare('observed_at', '<', wanted.until);
  compare('score', '>=', wanted.minScore);
  compare('image_id', '=', wanted.imageId);
  compare('site_id', '=', wanted.siteId);
  if (wanted.known !== undefined) conditions.where(`known_object IS ${wanted.known ? 'NOT ' : ''}NULL`);
  if (wanted.after !== undefined) {
    const [score, id] = [conditions.add(wanted.after.score), conditions.add(wanted.after.id)];
    // The first half alone bounds the walk along the index on the score.
    conditions.where(`score <= ${score} AND (score < ${score} OR id > ${id})`);
  }
  return db.query<FoundDetection>(
    `SELECT ${COLUMNS} FROM selenoscan.detections ${conditions.sql()}
     ORDER BY score DESC, id LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}

/** One current detection with its outline; null where there is none of this id. */
export async function findDetection(
  db: Queryable,
  id: number,
): Promise<(FoundDetection & { readonly outline: MultiPolygon | null }) | null> {
  const [row] = await db.query<FoundDetection & { outline: MultiPolygon | null }>(
    `SELECT ${COLUMNS},
       (SELECT ST_AsGeoJSON(outlines.geom, 9, 0)::jsonb FROM selenoscan.detection_outlines outlines
        WHERE outlines.id = detections.id) AS outline
     FROM selenoscan.detections WHERE id = $1`,
    [id],
  );
  return row ?? null;
}
