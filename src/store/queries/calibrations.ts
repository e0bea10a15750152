import type { ScanProfile } from '../../domain/scan-profile.js';
import { OperationalError } from '../../domain/errors.js';
import type { Database, Queryable } from '../database.js';

/** A calibration that was learnt from scans. */
export interface LearntCalibration {
  /** From 1 on; 0 is the model folder's own, which is not stored. */
  readonly version: number;
  readonly calibration: unknown;
  readonly learntAt: Date;
  /** What it was learnt from. */
  readonly scans: number;
  readonly tiles: number;
}

/** Number of the newest calibration of a model; 0 where none was learnt. */
export async function newestCalibrationVersion(db: Queryable, modelId: string): Promise<number> {
  const [row] = await db.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM selenoscan_data.model_calibration WHERE model_id = $1',
    [modelId],
  );
  return row?.version ?? 0;
}

/** The newest calibration of a model, or null where none was learnt. */
export async function newestCalibration(db: Queryable, modelId: string): Promise<LearntCalibration | null> {
  const [row] = await db.query<{
    version: number;
    calibration: unknown;
    learnt_at: Date;
    scans: number;
    tiles: number;
  }>(
    `SELECT version, calibration, learnt_at, scans, tiles FROM selenoscan_data.model_calibration
     WHERE model_id = $1 ORDER BY version DESC LIMIT 1`,
    [modelId],
  );
  if (row === undefined) return null;
  const { version, calibration, learnt_at: learntAt, scans, tiles } = row;
  return { version, calibration, learntAt, scans, tiles };
}

/**
 * Keeps a calibration as the model's newest. @returns its version.
 * @throws OperationalError where the model is not known
 */
export async function addCalibration(
  db: Database,
  modelId: string,
  learnt: { readonly calibration: unknown; readonly scans: number; readonly tiles: number },
): Promise<number> {
  return db.transaction(async (tx) => {
    // One at a time for each model, so that no two take the same number.
    const models = await tx.query('SELECT FROM selenoscan_data.model WHERE id = $1 FOR NO KEY UPDATE', [
      modelId,
    ]);
    if (models.length === 0)
      throw new OperationalError('model-unknown', `The model ${modelId} is not registered in this database.`);
    const version = (await newestCalibrationVersion(tx, modelId)) + 1;
    await tx.query(
      `INSERT INTO selenoscan_data.model_calibration (model_id, version, calibration, scans, tiles)
       VALUES ($1, $2, $3, $4, $5)`,
      [modelId, version, JSON.stringify(learnt.calibration), learnt.scans, learnt.tiles],
    );
    return version;
  });
}

/** Profiles of the newest current scans of a model, newest first, one for each image. */
export async function recentProfiles(
  db: Queryable,
  o: { readonly modelId: string; readonly score: string; readonly limit: number },
): Promise<ScanProfile[]> {
  const rows = await db.query<{ profile: ScanProfile }>(
    `SELECT profile FROM selenoscan_data.scan
     WHERE model_id = $1 AND is_current AND profile ->> 'score' = $2
     ORDER BY finished_at DESC, id DESC LIMIT $3`,
    [o.modelId, o.score, o.limit],
  );
  return rows.map(({ profile }) => profile);
}
