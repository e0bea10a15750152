import type { DetectionQuestion } from '../../domain/results.js';
import { FINDS, type ReviewTally } from '../../domain/review.js';
import type { Queryable } from '../database.js';
import { detectionConditions } from '../detection-conditions.js';

export type ReviewFilter = Omit<DetectionQuestion, 'after' | 'limit' | 'order'>;

/** Detections that a filter means, however they are reviewed. */
export async function countDetections(db: Queryable, filter: ReviewFilter): Promise<number> {
  const conditions = detectionConditions({ ...filter, review: undefined, reviewer: undefined });
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*) AS count FROM selenoscan.detections ${conditions.sql()}`,
    conditions.parameters,
  );
  return row?.count ?? 0;
}

/** Of those, how many have which verdict. */
export async function countVerdicts(db: Queryable, filter: ReviewFilter): Promise<Record<string, number>> {
  const conditions = detectionConditions({ ...filter, review: 'any' });
  const rows = await db.query<{ review: string; count: number }>(
    `SELECT review, count(*) AS count FROM selenoscan.detections ${conditions.sql()} GROUP BY review`,
    conditions.parameters,
  );
  return Object.fromEntries(rows.map(({ review, count }) => [review, count]));
}

/** Names in alphabetical order. */
export async function listReviewers(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ reviewer: string }>(
    'SELECT DISTINCT reviewer FROM selenoscan_data.review ORDER BY reviewer',
  );
  return rows.map(({ reviewer }) => reviewer);
}

/** A word that changes with every review. */
export async function reviewRevision(db: Queryable): Promise<string> {
  const [row] = await db.query<{ word: string }>(
    `SELECT concat_ws('-', (SELECT extract(epoch FROM max(updated_at)) FROM selenoscan_data.review),
       (SELECT count(*) FROM selenoscan_data.review)) AS word`,
  );
  return row?.word ?? '';
}

const TILE_PX = 64;

/** Scored ground of the current scans in tiles of 64 x 64 pixels that do not overlap. */
export async function countGroundTiles(db: Queryable): Promise<number> {
  const [row] = await db.query<{ tiles: number | null }>(
    `SELECT sum(p.lines::double precision * p.samples / (${TILE_PX} * ${TILE_PX})
       * (s.masked ->> 'scored')::double precision / nullif(s.tiles, 0)) AS tiles
     FROM selenoscan_data.scan s JOIN selenoscan_data.product p ON p.id = s.product_pk
     WHERE s.is_current`,
  );
  return Math.round(row?.tiles ?? 0);
}

/** What has been looked at and found so far, of the current detections; `tiles` comes from `countGroundTiles`. */
export async function tallyReviews(db: Queryable): Promise<Omit<ReviewTally, 'tiles'>> {
  const [row] = await db.query<Omit<ReviewTally, 'tiles'>>(
    `WITH reviewed AS (
       SELECT review, score, row_number() OVER (ORDER BY reviewed_at, id) AS place
       FROM selenoscan_data.detection WHERE is_current AND review IS NOT NULL
     ), finds AS (
       SELECT count(*) AS finds, coalesce(max(place), 0) AS looks, min(score) AS lowest
       FROM reviewed WHERE review = ANY ($1::text[])
     )
     SELECT (SELECT count(*) FROM reviewed) AS reviewed, finds, looks,
       (SELECT count(*) FROM selenoscan_data.detection WHERE is_current AND score >= lowest) AS depth
     FROM finds`,
    [FINDS],
  );
  return row ?? { reviewed: 0, finds: 0, looks: 0, depth: 0 };
}
