import type { DetectionQuestion, DetectionResult, OutlinedDetection } from '../../domain/results.js';
import type { KeptReview } from '../../domain/review.js';
import type { Conditions } from '../conditions.js';
import type { Queryable } from '../database.js';
import { detectionConditions } from '../detection-conditions.js';

/** Those of the view `selenoscan.detections`, without its geometry: the place is lon and lat. */
const COLUMNS = `
  id, product_id, product_version, image_id, observed_at, scanned_at, score, score_raw, scores, rank_in_image,
  lon, lat, uncertainty_m, line, sample, width_m, height_m, incidence_deg, emission_deg, phase_deg,
  sun_azimuth_deg, resolution_m, model_id, code_version, source_url, source_checksum, site_id, site_status,
  known_object, known_object_distance_m, nearest_feature, review, product_url`;

/** Beside the view; joined to the few rows that are given, by unique keys. */
const WITH_REVIEW = `
  found.*, own.reviewer, own.reviewed_at, learned.value AS learned
  FROM found JOIN selenoscan_data.detection own ON own.id = found.id
  LEFT JOIN selenoscan_data.learned_order learned ON learned.detection_pk = found.id`;

/** Current detections of the active model, the highest score first, then by id; or in the learned order. */
export async function findDetections(db: Queryable, wanted: DetectionQuestion): Promise<DetectionResult[]> {
  if (wanted.order !== 'learned') return byScore(db, wanted, detectionConditions(wanted));
  const { after, limit } = wanted;
  const learned = after?.learned === null ? [] : await byLearned(db, wanted);
  if (learned.length >= limit) return learned;
  const rest = detectionConditions(wanted);
  rest.where('id NOT IN (SELECT detection_pk FROM selenoscan_data.learned_order)');
  const behind = after?.learned === null ? after : undefined;
  const others = await byScore(db, { ...wanted, after: behind, limit: limit - learned.length }, rest);
  return [...learned, ...others];
}

function byScore(
  db: Queryable,
  wanted: DetectionQuestion,
  conditions: Conditions,
): Promise<DetectionResult[]> {
  if (wanted.after !== undefined) {
    const [score, id] = [conditions.add(wanted.after.score), conditions.add(wanted.after.id)];
    // The first half alone bounds the walk along the index on the score.
    conditions.where(`score <= ${score} AND (score < ${score} OR id > ${id})`);
  }
  return db.query<DetectionResult>(
    `WITH found AS (
       SELECT ${COLUMNS} FROM selenoscan.detections ${conditions.sql()}
       ORDER BY score DESC, id LIMIT ${conditions.add(wanted.limit)})
     SELECT ${WITH_REVIEW} ORDER BY found.score DESC, found.id`,
    conditions.parameters,
  );
}

function byLearned(db: Queryable, wanted: DetectionQuestion): Promise<DetectionResult[]> {
  const conditions = detectionConditions(wanted);
  if (wanted.after !== undefined) {
    const [value, id] = [conditions.add(wanted.after.learned), conditions.add(wanted.after.id)];
    conditions.where(`value <= ${value} AND (value < ${value} OR id > ${id})`);
  }
  return db.query<DetectionResult>(
    `WITH found AS (
       SELECT ${COLUMNS} FROM selenoscan.detections
       JOIN selenoscan_data.learned_order ON detection_pk = id ${conditions.sql()}
       ORDER BY value DESC, detection_pk LIMIT ${conditions.add(wanted.limit)})
     SELECT ${WITH_REVIEW} ORDER BY learned.value DESC, found.id`,
    conditions.parameters,
  );
}

/** One current detection with its outline and reviews; null where there is none of this id. */
export async function findDetection(db: Queryable, id: number): Promise<OutlinedDetection | null> {
  const [row] = await db.query<Omit<OutlinedDetection, 'reviews'>>(
    `WITH found AS (
       SELECT ${COLUMNS},
         (SELECT ST_AsGeoJSON(outlines.geom, 9, 0)::jsonb FROM selenoscan.detection_outlines outlines
          WHERE outlines.id = detections.id) AS outline
       FROM selenoscan.detections WHERE id = $1)
     SELECT ${WITH_REVIEW}`,
    [id],
  );
  if (row === undefined) return null;
  const reviews = await db.query<KeptReview>(
    `SELECT reviewer, verdict, note, updated_at AS at FROM selenoscan_data.review
     WHERE detection_pk = $1 ORDER BY updated_at, id`,
    [id],
  );
  return { ...row, reviews };
}
