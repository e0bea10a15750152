import type { Queryable } from '../database.js';

/**
 * What everybody says of the places of an image. A person counts once a place: by what was said of the detection
 * itself, else by the latest that was said of what another model, or an earlier scan, found at that place.
 */
const SETTLED = `
  placed AS (
    SELECT id, model_id, line, sample FROM selenoscan_data.detection WHERE image_id = $1 AND NOT ($3 AND superseded_at IS NOT NULL)
  ), said AS (
    SELECT d.id AS detection_pk, d.model_id, d.superseded_at IS NOT NULL AS gone, d.line, d.sample,
      r.reviewer, r.verdict, r.created_at, r.updated_at
    FROM selenoscan_data.detection d JOIN selenoscan_data.review r ON r.detection_pk = d.id
    WHERE d.image_id = $1 AND r.verdict IS NOT NULL
  ), heard AS (
    SELECT DISTINCT ON (placed.id, said.reviewer) placed.id, said.reviewer, said.verdict, said.created_at, said.updated_at
    FROM placed JOIN said ON said.detection_pk = placed.id
      OR ((said.model_id <> placed.model_id OR said.gone)
        AND selenoscan_data.same_place(said.line, said.sample, placed.line, placed.sample))
    ORDER BY placed.id, said.reviewer, said.detection_pk = placed.id DESC, said.updated_at DESC
  ), counted AS (
    SELECT id, verdict, count(*) AS people, max(updated_at) AS latest,
      (array_agg(reviewer ORDER BY updated_at DESC, reviewer))[1] AS reviewer
    FROM heard GROUP BY id, verdict
  ), winner AS (
    SELECT DISTINCT ON (id) id, verdict, reviewer FROM counted ORDER BY id, people DESC, latest DESC, verdict
  ), settled AS (
    SELECT placed.id, winner.verdict, winner.reviewer,
      (SELECT min(created_at) FROM heard WHERE heard.id = placed.id) AS reviewed_at
    FROM placed LEFT JOIN winner ON winner.id = placed.id
  )`;

/** $2: the detection that was reviewed; its place alone is settled, also where nothing is said any more. */
const SETTLE_PLACE = `
  WITH ${SETTLED}
  UPDATE selenoscan_data.detection d
  SET review = settled.verdict, reviewer = settled.reviewer, reviewed_at = settled.reviewed_at
  FROM settled, selenoscan_data.detection reviewed
  WHERE d.id = settled.id AND reviewed.id = $2
    AND (d.id = reviewed.id OR selenoscan_data.same_place(d.line, d.sample, reviewed.line, reviewed.sample)
      AND (d.model_id <> reviewed.model_id OR reviewed.superseded_at IS NOT NULL))
    AND (d.review, d.reviewer, d.reviewed_at)
      IS DISTINCT FROM (settled.verdict, settled.reviewer, settled.reviewed_at)`;

/** What was scanned takes over what was said of its places before. */
const ADOPT = `
  WITH ${SETTLED}
  UPDATE selenoscan_data.detection d
  SET review = settled.verdict, reviewer = settled.reviewer, reviewed_at = settled.reviewed_at
  FROM settled
  WHERE d.id = settled.id AND d.model_id = $2 AND settled.verdict IS NOT NULL
    AND (d.review, d.reviewer, d.reviewed_at)
      IS DISTINCT FROM (settled.verdict, settled.reviewer, settled.reviewed_at)`;

/** Which verdict counts at the place of a detection, of every model that found it. */
export async function settlePlace(tx: Queryable, imageId: string, detection: number): Promise<void> {
  await tx.query(SETTLE_PLACE, [imageId, detection, false]);
}

/** Gives a model's detections of an image the verdicts of their places; what was never reviewed is left alone. */
export async function adoptReviews(tx: Queryable, imageId: string, modelId: string): Promise<void> {
  await tx.query(ADOPT, [imageId, modelId, true]);
}
