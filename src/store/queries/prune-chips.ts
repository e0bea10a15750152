import type { Queryable } from '../database.js';

/** Which pictures are kept whatever their age: those of reviewed detections and of high scores. */
export interface ChipRetention {
  /** Older pictures may go, counted from when they were made. */
  readonly days: number;
  /** Those of detections that score at least so much stay. */
  readonly score: number;
}

const PRUNABLE = `
  FROM selenoscan_data.chip
  JOIN selenoscan_data.detection ON detection.id = chip.detection_pk
  WHERE chip.created_at < now() - make_interval(days => $1) AND detection.score < $2
    AND detection.review IS NULL
    AND NOT EXISTS (SELECT FROM selenoscan_data.review WHERE review.detection_pk = detection.id)`;

/** How many pictures `pruneChips` would remove, and their bytes. */
export async function prunableChips(
  db: Queryable,
  { days, score }: ChipRetention,
): Promise<{ chips: number; bytes: number }> {
  const [row] = await db.query<{ chips: number; bytes: number | null }>(
    `SELECT count(*) AS chips,
       sum(length(tile) + length(reconstruction) + length(error) + length(context))::bigint AS bytes ${PRUNABLE}`,
    [days, score],
  );
  return { chips: row?.chips ?? 0, bytes: row?.bytes ?? 0 };
}

/**
 * Removes at most `limit` pictures that need not be kept; the detections stay, and a re-scan makes the pictures again.
 * @returns how many went: fewer than `limit` means that none is left
 */
export async function pruneChips(
  db: Queryable,
  { days, score }: ChipRetention,
  limit: number,
): Promise<number> {
  const rows = await db.query(
    `DELETE FROM selenoscan_data.chip WHERE detection_pk IN (SELECT chip.detection_pk ${PRUNABLE} LIMIT $3)
     RETURNING detection_pk`,
    [days, score, limit],
  );
  return rows.length;
}
