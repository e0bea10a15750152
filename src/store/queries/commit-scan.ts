import { missEstimate, type ScanResult } from '../../domain/scan.js';
import type { Database, Queryable } from '../database.js';
import { ewkbMultiPolygon } from '../ewkb.js';
import { coverCells } from './cover-cells.js';
import { notifyQgis } from './notify-qgis.js';
import { putOverview } from './put-overview.js';
import { queueScanAlerts } from './queue-scan-alerts.js';
import type { Lease } from './renew-lease.js';
import { adoptReviews } from './settle-reviews.js';
import { markSitesPending } from './site-pending.js';
import { tagDetections } from './tag-detections.js';
import { upsertDetections } from './upsert-detections.js';

export type CommitOutcome =
  | {
      readonly outcome: 'committed';
      readonly inserted: number;
      readonly updated: number;
      /** Detections of an earlier scan that this one does not confirm: removed, or kept as reviewed. */
      readonly deleted: number;
      readonly superseded: number;
    }
  /** Another worker has the scan, or finished it: nothing was written. */
  | { readonly outcome: 'lease-lost' }
  /** A newer version of the image was scanned meanwhile: the scan is now `skipped`, nothing else was written. */
  | { readonly outcome: 'outdated' };

interface LockedScan {
  readonly id: number;
  readonly product_pk: number;
  readonly image_id: string;
  readonly model_id: string;
  readonly was_scanned: boolean;
  readonly lease_token: string | null;
}

/** All scans of the image by the model, locked in one order, so that versions of an image commit one by one. */
const LOCK_IMAGE = `
  SELECT scan.id, scan.product_pk, scan.image_id, scan.model_id,
    scan.finished_at IS NOT NULL AS was_scanned, scan.lease_token
  FROM selenoscan_data.scan
  JOIN selenoscan_data.scan ours ON ours.image_id = scan.image_id AND ours.model_id = scan.model_id
  WHERE ours.id = $1
  ORDER BY scan.id
  FOR UPDATE OF scan`;

/**
 * Shared, so that no activation comes between: it waits, and then sees what was committed. Locked first,
 * as an activation does, so that the two cannot wait for one another.
 */
const IS_ACTIVE = 'SELECT active FROM selenoscan_data.model WHERE id = $1 FOR SHARE';

const SKIP_OUTDATED = `
  UPDATE selenoscan_data.scan
  SET state = 'skipped', state_since = now(), lease_token = NULL, worker = NULL,
    error_code = 'superseded', error = 'A newer version of the image was scanned.'
  WHERE id = $1`;

const DELETE_VANISHED = `
  DELETE FROM selenoscan_data.detection
  WHERE image_id = $1 AND model_id = $2 AND detection_id <> ALL ($3::uuid[]) AND review IS NULL
    AND NOT EXISTS (SELECT FROM selenoscan_data.review WHERE review.detection_pk = detection.id)
  RETURNING id`;

const SUPERSEDE_VANISHED = `
  UPDATE selenoscan_data.detection SET superseded_at = now(), is_current = false
  WHERE image_id = $1 AND model_id = $2 AND detection_id <> ALL ($3::uuid[]) AND superseded_at IS NULL
  RETURNING id`;

const RETIRE_OTHER_VERSIONS = `
  UPDATE selenoscan_data.scan SET is_current = false
  WHERE image_id = $1 AND model_id = $2 AND id <> $3 AND is_current`;

const RECORD_RESULT = `
  UPDATE selenoscan_data.scan
  SET state = 'scanned', state_since = now(), finished_at = now(), first_scanned_at = coalesce(first_scanned_at, now()),
    lease_token = NULL, worker = NULL, error_code = NULL, error = NULL, is_current = $2,
    engine = $3, device = $4, code_version = $5, config_hash = $6, source_url = $7, source_checksum = $8,
    ground_model = $9, tiles = $10, masked = $11, statistics = $12, coverage = $13::text::geometry,
    score_map = $14, score_map_columns = $15, score_map_rows = $16, score_map_cell = $17, seconds = $18, profile = $19, calibration_version = $20,
    source_bytes = $21, mode = $22, sampled_tiles = $23, rescored_tiles = $24, approximate_tiles = $25,
    checked_tiles = $26, beyond_tiles = $27, miss_estimate = $28, bounds_version = $29
  WHERE id = $1`;

/** An image that was in work while another model became the active one is left for that one to scan, too. */
const HAND_ON = `
  INSERT INTO selenoscan_data.scan (product_pk, image_id, model_id, state, lane)
  SELECT scan.product_pk, scan.image_id, model.id, 'queued', scan.lane
  FROM selenoscan_data.scan JOIN selenoscan_data.model ON model.active
  WHERE scan.id = $1 AND NOT EXISTS (
    SELECT FROM selenoscan_data.scan there WHERE there.image_id = scan.image_id AND there.model_id = model.id)
  ON CONFLICT (product_pk, model_id) DO NOTHING`;

/**
 * Commits one scan: its result, detections, chips and state, in one transaction or not at all. Detections
 * keep their ids over re-scans, and those that would not change are not touched.
 */
export async function commitScan(db: Database, lease: Lease, result: ScanResult): Promise<CommitOutcome> {
  return db.transaction(async (tx) => {
    const [model] = await tx.query<{ active: boolean }>(IS_ACTIVE, [result.provenance.modelId]);
    const scans = await tx.query<LockedScan>(LOCK_IMAGE, [lease.scanId]);
    const ours = scans.find((scan) => scan.id === lease.scanId);
    if (ours?.lease_token !== lease.leaseToken) return { outcome: 'lease-lost' };
    if (scans.some((scan) => scan.product_pk > ours.product_pk && scan.was_scanned)) {
      await tx.query(SKIP_OUTDATED, [ours.id]);
      return { outcome: 'outdated' };
    }
    return write(tx, ours, result, model?.active === true);
  });
}

async function write(
  tx: Queryable,
  ours: LockedScan,
  result: ScanResult,
  isCurrent: boolean,
): Promise<CommitOutcome> {
  const { image_id: imageId, model_id: modelId, id: scanId } = ours;
  const { provenance, detections, screening } = result;
  if (provenance.modelId !== modelId) {
    throw new Error(`Scan ${scanId} is of the model ${modelId}, its result of ${provenance.modelId}.`);
  }

  const written = await upsertDetections(tx, { scanId, imageId, modelId, isCurrent }, detections);
  await tagDetections(tx, imageId, modelId);
  const kept = [imageId, modelId, detections.map((detection) => detection.detectionId)];
  const deleted = await tx.query(DELETE_VANISHED, kept);
  const superseded = await tx.query(SUPERSEDE_VANISHED, kept);
  await adoptReviews(tx, imageId, modelId);
  await tx.query(RETIRE_OTHER_VERSIONS, [imageId, modelId, scanId]);
  await tx.query(RECORD_RESULT, [
    scanId,
    isCurrent,
    provenance.engine,
    provenance.device,
    provenance.codeVersion,
    provenance.configHash,
    provenance.sourceUrl,
    provenance.sourceChecksum,
    provenance.groundModel,
    result.tiles,
    JSON.stringify(result.masked),
    result.statistics === null ? null : JSON.stringify(result.statistics),
    result.coverage === null ? null : ewkbMultiPolygon(result.coverage),
    littleEndian(result.scoreMap.values),
    result.scoreMap.columns,
    result.scoreMap.rows,
    result.scoreMap.cell,
    result.seconds,
    result.profile === null ? null : JSON.stringify(result.profile),
    provenance.calibrationVersion,
    provenance.sourceBytes,
    screening.mode,
    screening.sampled,
    screening.rescored,
    screening.approximate,
    screening.checked,
    screening.beyond,
    missEstimate(screening),
    screening.boundsVersion,
  ]);
  if (!isCurrent && !ours.was_scanned) await tx.query(HAND_ON, [scanId]);
  await queueScanAlerts(tx, scanId);
  const { overview } = result;
  const before = overview === null ? [] : await putOverview(tx, scanId, overview, overview.cells);
  await markSitesPending(tx, { scanId, imageId, modelId }, before);
  if (isCurrent) await notifyQgis(tx);
  // Last, since other commits wait for the cells from here on.
  await coverCells(tx, { scanId, imageId, modelId });
  return { outcome: 'committed', ...written, deleted: deleted.length, superseded: superseded.length };
}

function littleEndian(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeFloatLE(value, i * 4));
  return bytes;
}
