import type { Queryable } from '../database.js';

/** A model that the database knows. */
export interface ModelRow {
  readonly id: string;
  readonly active: boolean;
  readonly registered_at: Date;
  readonly activated_at: Date | null;
  readonly scans: number;
  readonly current_detections: number;
  /** Newest calibration that was learnt from scans; 0 = that of the model folder holds. */
  readonly calibration_version: number;
  readonly calibrated_at: Date | null;
  readonly calibrated_on_scans: number | null;
}

/** All models, the active one first. */
export async function listModels(db: Queryable): Promise<ModelRow[]> {
  return db.query<ModelRow>(`
    SELECT model.id, model.active, model.registered_at, model.activated_at,
      (SELECT count(*) FROM selenoscan_data.scan WHERE model_id = model.id AND finished_at IS NOT NULL) AS scans,
      (SELECT count(*) FROM selenoscan_data.detection WHERE model_id = model.id AND is_current) AS current_detections,
      coalesce(newest.version, 0) AS calibration_version,
      newest.learnt_at AS calibrated_at, newest.scans AS calibrated_on_scans
    FROM selenoscan_data.model
    LEFT JOIN LATERAL (
      SELECT version, learnt_at, scans FROM selenoscan_data.model_calibration
      WHERE model_id = model.id ORDER BY version DESC LIMIT 1) newest ON true
    ORDER BY model.active DESC, model.registered_at, model.id`);
}
