import type { Queryable } from '../database.js';

/** The newest of what waits, or was left by its worker, for another model, unless this one has its product already. */
const TAKE_QUEUE = `
  UPDATE selenoscan_data.scan SET model_id = $1, state = CASE state WHEN 'claimed' THEN 'queued' ELSE state END,
    lease_token = NULL, worker = NULL
  WHERE id IN (
    SELECT DISTINCT ON (product_pk) id FROM selenoscan_data.scan waiting
    WHERE (state IN ('queued', 'missing') OR state = 'claimed' AND available_at <= now())
      AND model_id <> $1 AND finished_at IS NULL
      AND NOT EXISTS (
        SELECT FROM selenoscan_data.scan there WHERE there.product_pk = waiting.product_pk AND there.model_id = $1)
    ORDER BY product_pk, id DESC)
    AND (state IN ('queued', 'missing') OR state = 'claimed' AND available_at <= now())
  RETURNING id`;

/**
 * Lets what waits for other models wait for this one, which is the active one.
 * @returns scans that changed hands
 */
export async function takeQueue(db: Queryable, modelId: string): Promise<number> {
  return (await db.query(TAKE_QUEUE, [modelId])).length;
}
