import type { KeptReview, Review, ReviewState } from '../../domain/review.js';
import type { Database, Queryable } from '../database.js';
import { settlePlace } from './settle-reviews.js';

/** The row of its image's scans is locked as a commit locks it, so that none comes between. */
const LOCK = `
  SELECT d.image_id FROM selenoscan_data.detection d JOIN selenoscan_data.scan ON scan.id = d.scan_id
  WHERE d.id = $1 FOR UPDATE OF scan`;

const PUT = `
  INSERT INTO selenoscan_data.review AS known (detection_pk, reviewer, verdict, note) VALUES ($1, $2, $3, $4)
  ON CONFLICT (detection_pk, reviewer) DO UPDATE
  SET verdict = EXCLUDED.verdict, note = EXCLUDED.note, updated_at = clock_timestamp()
  WHERE (known.verdict, known.note) IS DISTINCT FROM (EXCLUDED.verdict, EXCLUDED.note)`;

const REMOVE = 'DELETE FROM selenoscan_data.review WHERE detection_pk = $1 AND reviewer = $2';

/**
 * Keeps what a person says of a detection in place of what this person said of it before;
 * `withdrawn` takes it back.
 * @returns null where there is no such detection
 */
export async function writeReview(
  db: Database,
  detection: number,
  review: Review | { readonly reviewer: string; readonly withdrawn: true },
): Promise<ReviewState | null> {
  return db.transaction(async (tx) => {
    const [row] = await tx.query<{ image_id: string }>(LOCK, [detection]);
    if (row === undefined) return null;
    if ('withdrawn' in review) await tx.query(REMOVE, [detection, review.reviewer]);
    else await tx.query(PUT, [detection, review.reviewer, review.verdict, review.note]);
    await settlePlace(tx, row.image_id, detection);
    return reviewState(tx, detection);
  });
}

/** @returns null where there is no such detection */
export async function reviewState(db: Queryable, detection: number): Promise<ReviewState | null> {
  const [row] = await db.query<Omit<ReviewState, 'reviews'>>(
    'SELECT id, review, reviewer, reviewed_at FROM selenoscan_data.detection WHERE id = $1',
    [detection],
  );
  if (row === undefined) return null;
  const reviews = await db.query<KeptReview>(
    `SELECT reviewer, verdict, note, updated_at AS at FROM selenoscan_data.review
     WHERE detection_pk = $1 ORDER BY updated_at, id`,
    [detection],
  );
  return { ...row, reviews };
}
