import type { DetectionQuestion, DetectionResult, OutlinedDetection } from '../../domain/results.js';
import { Conditions } from '../conditions.js';
import type { Queryable } from '../database.js';

/** Those of the view `selenoscan.detections`, without its geometry: the place is lon and lat. */
const COLUMNS = `
  id, product_id, product_version, image_id, observed_at, scanned_at, score, score_raw, scores, rank_in_image,
  lon, lat, uncertainty_m, line, sample, width_m, height_m, incidence_deg, emission_deg, phase_deg,
  sun_azimuth_deg, resolution_m, model_id, code_version, source_url, source_checksum, site_id, site_status,
  known_object, known_object_distance_m, nearest_feature, review, product_url`;

/** Current detections of the active model, the highest score first, then by id. */
export async function findDetections(db: Queryable, wanted: DetectionQuestion): Promise<DetectionResult[]> {
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
  return db.query<DetectionResult>(
    `SELECT ${COLUMNS} FROM selenoscan.detections ${conditions.sql()}
     ORDER BY score DESC, id LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}

/** One current detection with its outline; null where there is none of this id. */
export async function findDetection(db: Queryable, id: number): Promise<OutlinedDetection | null> {
  const [row] = await db.query<OutlinedDetection>(
    `SELECT ${COLUMNS},
       (SELECT ST_AsGeoJSON(outlines.geom, 9, 0)::jsonb FROM selenoscan.detection_outlines outlines
        WHERE outlines.id = detections.id) AS outline
     FROM selenoscan.detections WHERE id = $1`,
    [id],
  );
  return row ?? null;
}
