import type { Queryable } from '../database.js';

/**
 * The known object whose place may be that of the row `placed`: both are known to a 95 % radius, so they agree
 * within the root of the sum of squares. Of several it is the likeliest one, for errors that are normal in two
 * dimensions: an object known to a metre is not outdone by one that may lie anywhere within kilometres. The
 * sum of both radii is at least that root, and bounds the cube that known_object_xyz serves.
 */
const KNOWN_OBJECT = `
  SELECT k.id, k.distance_m
  FROM (
    SELECT k.id, moon_ground_m(k.lon, k.lat, placed.lon, placed.lat) AS distance_m,
      coalesce(placed.uncertainty_m, 0) ^ 2 + coalesce(k.uncertainty_m, 0) ^ 2 AS allowed
    FROM selenoscan_data.known_object k
    WHERE moon_xyz(k.lon, k.lat) &&& moon_box(placed.lon, placed.lat, coalesce(placed.uncertainty_m, 0)
      + (SELECT coalesce(max(uncertainty_m), 0) FROM selenoscan_data.known_object) + 1)
  ) k
  WHERE k.distance_m ^ 2 <= k.allowed
  ORDER BY ln(k.allowed + 1) + 3 * k.distance_m ^ 2 / (k.allowed + 1), k.distance_m, k.id LIMIT 1`;

/** A site where a known object may lie is known, whatever its looks say. */
const STATUS = `CASE WHEN found.known_object_id IS NOT NULL THEN 'known' ELSE coalesce(tagged.evidence, tagged.status) END`;

/** Updates the tags of rows of a table where they change, and gives their numbers; `which` chooses rows named `placed`. */
const tag = (table: 'detection' | 'site', which: string): string => `
  UPDATE selenoscan_data.${table} tagged
  SET feature_id = found.feature_id, known_object_id = found.known_object_id,
    known_object_distance_m = found.known_object_distance_m${
      table === 'site'
        ? `,
    status = ${STATUS}`
        : ''
    }
  FROM (
    SELECT placed.id, selenoscan_data.landmark_of(placed.lon, placed.lat) AS feature_id,
      known.id AS known_object_id, known.distance_m AS known_object_distance_m
    FROM selenoscan_data.${table} placed
    LEFT JOIN LATERAL (${KNOWN_OBJECT}) known ON true
    WHERE placed.lon IS NOT NULL AND ${which}
  ) found
  WHERE tagged.id = found.id
    AND (tagged.feature_id, tagged.known_object_id, tagged.known_object_distance_m${table === 'site' ? ', tagged.status' : ''})
      IS DISTINCT FROM (found.feature_id, found.known_object_id, found.known_object_distance_m${table === 'site' ? `, ${STATUS}` : ''})
  RETURNING tagged.id`;

const TAG_IMAGE = tag('detection', 'placed.image_id = $1 AND placed.model_id = $2');
const IN_RANGE = 'placed.id > $1 AND placed.id <= $2';
const LISTED = 'placed.id = ANY ($1::bigint[])';
const TAG_RANGE = { detection: tag('detection', IN_RANGE), site: tag('site', IN_RANGE) };
const TAG_ROWS = { detection: tag('detection', LISTED), site: tag('site', LISTED) };

/** Names what lies near the detections of one image: tags alone, nothing is left out for them. */
export async function tagDetections(tx: Queryable, imageId: string, modelId: string): Promise<void> {
  await tx.query(TAG_IMAGE, [imageId, modelId]);
}

export type TaggedTable = keyof typeof TAG_ROWS;

/**
 * The same for the rows of either table with numbers above `after`, up to `upTo`.
 *
 * @returns rows that changed
 */
export async function tagRange(
  db: Queryable,
  table: TaggedTable,
  after: number,
  upTo: number,
): Promise<number> {
  return (await db.query(TAG_RANGE[table], [after, upTo])).length;
}

/**
 * The same for some rows of either table.
 *
 * @returns rows that changed
 */
export async function tagRows(db: Queryable, table: TaggedTable, ids: readonly number[]): Promise<number> {
  return (await db.query(TAG_ROWS[table], [ids])).length;
}

/**
 * Rows of either table whose tag another catalogue of known objects may change. An object that somebody deleted
 * leaves its distance behind.
 */
const nearKnownObjects = (table: TaggedTable): string => `
  SELECT id FROM selenoscan_data.${table} WHERE known_object_id IS NOT NULL
  UNION
  SELECT id FROM selenoscan_data.${table} WHERE known_object_distance_m IS NOT NULL AND known_object_id IS NULL
  UNION
  SELECT near.id
  FROM (SELECT coalesce(max(uncertainty_m), 0) AS metres FROM selenoscan_data.${table}) most,
    selenoscan_data.known_object k
  JOIN LATERAL (
    SELECT placed.id FROM selenoscan_data.${table} placed
    WHERE moon_xyz(placed.lon, placed.lat) &&& moon_box(k.lon, k.lat, most.metres + coalesce(k.uncertainty_m, 0) + 1)
  ) near ON true`;
export const NEAR_KNOWN_OBJECTS = {
  detection: nearKnownObjects('detection'),
  site: nearKnownObjects('site'),
};
