import { OperationalError } from '../../domain/errors.js';
import type { Database } from '../database.js';
import { notifyQgis } from './notify-qgis.js';
import { takeQueue } from './take-queue.js';

/** Rows that change hands at once, so that no reader waits long. */
const BATCH = 10_000;

const DEACTIVATE = 'UPDATE selenoscan_data.model SET active = false WHERE active AND id <> $1';
const ACTIVATE = `
  UPDATE selenoscan_data.model SET active = true, activated_at = coalesce(activated_at, now())
  WHERE id = $1 RETURNING id`;

/** The newest scanned version of each image is the current one. */
const SHOW_SCANS = markingSites(`
  UPDATE selenoscan_data.scan SET is_current = true
  WHERE id IN (
    SELECT id FROM selenoscan_data.scan
    WHERE model_id = $1 AND finished_at IS NOT NULL AND NOT is_current
      AND NOT EXISTS (
        SELECT FROM selenoscan_data.scan newer
        WHERE newer.image_id = scan.image_id AND newer.model_id = $1
          AND newer.product_pk > scan.product_pk AND newer.finished_at IS NOT NULL)
    LIMIT $2)
  RETURNING id`);
const HIDE_SCANS = markingSites(`
  UPDATE selenoscan_data.scan SET is_current = false
  WHERE id IN (SELECT id FROM selenoscan_data.scan WHERE model_id <> $1 AND is_current LIMIT $2)
  RETURNING id`);
const SHOW_DETECTIONS = `
  UPDATE selenoscan_data.detection SET is_current = true
  WHERE id IN (
    SELECT id FROM selenoscan_data.detection
    WHERE model_id = $1 AND NOT is_current AND superseded_at IS NULL LIMIT $2)
  RETURNING id`;
const HIDE_DETECTIONS = `
  UPDATE selenoscan_data.detection SET is_current = false
  WHERE id IN (SELECT id FROM selenoscan_data.detection WHERE model_id <> $1 AND is_current LIMIT $2)
  RETURNING id`;

/** In the statement that changes scans: the sites around them are to be built anew. */
function markingSites(change: string): string {
  return `
    WITH changed AS (${change}), marked AS (
      INSERT INTO selenoscan_data.site_pending (scan_id) SELECT id FROM changed
      ON CONFLICT (scan_id) DO UPDATE SET since = clock_timestamp())
    SELECT id FROM changed`;
}

/**
 * Makes a registered model the one whose results people see. The views change over in batches; a call that
 * was cut short is completed by calling again.
 */
export async function activateModel(db: Database, modelId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(DEACTIVATE, [modelId]);
    const rows = await tx.query(ACTIVATE, [modelId]);
    if (rows.length === 0) {
      throw new OperationalError('model-unknown', `The model ${modelId} is not registered in this database.`);
    }
    await takeQueue(tx, modelId);
  });
  let changed = 0;
  for (const sql of [HIDE_DETECTIONS, SHOW_DETECTIONS, HIDE_SCANS, SHOW_SCANS]) {
    for (let rows = BATCH; rows === BATCH; changed += rows)
      rows = (await db.query(sql, [modelId, BATCH])).length;
  }
  if (changed > 0) await notifyQgis(db);
}
