import type { Queryable } from '../database.js';

/**
 * The nearest named feature by its centre, and the nearest known object whose place may be the detection's:
 * both are known to a 95 % radius, so they agree within the root of the sum of squares. Chords in the cube
 * of unit-sphere coordinates are right everywhere on the Moon; the first search is served by feature_xyz.
 */
const TAG = `
  UPDATE selenoscan_data.detection d
  SET feature_id = found.feature_id, known_object_id = found.known_object_id,
    known_object_distance_m = found.known_object_distance_m
  FROM (
    SELECT placed.id, feature.id AS feature_id, known.id AS known_object_id, known.distance_m AS known_object_distance_m
    FROM selenoscan_data.detection placed
    LEFT JOIN LATERAL (
      SELECT f.id FROM selenoscan_data.feature f
      ORDER BY moon_xyz(f.lon, f.lat) <<->> moon_xyz(placed.lon, placed.lat) LIMIT 1
    ) feature ON true
    LEFT JOIN LATERAL (
      SELECT k.id, moon_distance(moon_xyz(k.lon, k.lat), moon_xyz(placed.lon, placed.lat)) AS distance_m
      FROM selenoscan_data.known_object k
      WHERE moon_distance(moon_xyz(k.lon, k.lat), moon_xyz(placed.lon, placed.lat))
        <= sqrt(placed.uncertainty_m ^ 2 + coalesce(k.uncertainty_m, 0) ^ 2)
      ORDER BY 2, k.id LIMIT 1
    ) known ON true
    WHERE placed.image_id = $1 AND placed.model_id = $2 AND placed.lon IS NOT NULL
  ) found
  WHERE d.id = found.id
    AND (d.feature_id, d.known_object_id, d.known_object_distance_m)
      IS DISTINCT FROM (found.feature_id, found.known_object_id, found.known_object_distance_m)`;

/** Names what lies near the detections of one image: tags alone, nothing is left out for them. */
export async function tagDetections(tx: Queryable, imageId: string, modelId: string): Promise<void> {
  await tx.query(TAG, [imageId, modelId]);
}
