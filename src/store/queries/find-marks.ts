import type { DetectionMark, DetectionQuestion } from '../../domain/results.js';
import type { Queryable } from '../database.js';
import { detectionConditions } from '../detection-conditions.js';

/** What a map draws: places of the highest scores, at most `limit`. */
export async function findMarks(
  db: Queryable,
  wanted: Omit<DetectionQuestion, 'after' | 'order'>,
): Promise<DetectionMark[]> {
  const conditions = detectionConditions(wanted);
  conditions.where('lon IS NOT NULL');
  return db.query<DetectionMark>(
    `SELECT id, lon, lat, score, known_object IS NOT NULL AS known, review
     FROM selenoscan.detections ${conditions.sql()}
     ORDER BY score DESC, id LIMIT ${conditions.add(wanted.limit)}`,
    conditions.parameters,
  );
}
