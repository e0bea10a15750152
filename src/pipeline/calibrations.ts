import { OperationalError } from '../domain/errors.js';
import type { ModelFolder } from '../model/load-model-folder.js';
import { calibrationSchema } from '../model/manifest.js';
import { scoreUnder, type Calibration } from '../scoring/calibration.js';
import { fitCalibration } from '../scoring/fit-calibration.js';
import type { Database, Queryable } from '../store/database.js';
import {
  addCalibration,
  newestCalibration,
  newestCalibrationVersion,
  recentProfiles,
} from '../store/queries/calibrations.js';
import { staleScans, writeScores } from '../store/queries/rescore.js';

/** A calibration with its number; 0 = the model folder's own. */
export interface VersionedCalibration {
  readonly version: number;
  readonly calibration: Calibration;
}

/** Scans that get new scores in one transaction. */
const BATCH = 100;
/** Most scans that a calibration is learnt from, the newest: more teach nothing new. */
const MOST_SCANS = 2000;
/** Fewer scans are chance. */
export const FEWEST_SCANS = 20;

/**
 * The calibration that holds for a model: the newest that was learnt from scans, else the folder's.
 * @throws OperationalError when the stored one cannot be read
 */
export async function currentCalibration(db: Queryable, model: ModelFolder): Promise<VersionedCalibration> {
  const newest = await newestCalibration(db, model.id);
  if (newest === null) return { version: 0, calibration: model.calibration };
  const parsed = calibrationSchema.safeParse(newest.calibration);
  if (!parsed.success || parsed.data.score !== model.calibration.score)
    throw new OperationalError(
      'bad_calibration',
      `Calibration ${newest.version} of ${model.id} in the database is not one of its score ${model.calibration.score}; learn a new one by \`selenoscan model calibrate\`.`,
    );
  return { version: newest.version, calibration: parsed.data };
}

/**
 * Learns a calibration from the current scans of a model, beginning with the folder's, and keeps it as the
 * newest; scores are not touched yet.
 * @throws OperationalError where there are fewer than 20 scans to learn from
 */
export async function learnCalibration(
  db: Database,
  model: ModelFolder,
): Promise<VersionedCalibration & { readonly scans: number; readonly tiles: number }> {
  const prior = model.calibration;
  const profiles = await recentProfiles(db, { modelId: model.id, score: prior.score, limit: MOST_SCANS });
  if (profiles.length < FEWEST_SCANS)
    throw new OperationalError(
      'too_few_scans',
      `${profiles.length} current scans of ${model.id} can be learnt from, a calibration needs ${FEWEST_SCANS}; scan more images first, or scan again (selenoscan rerun --state scanned) what an earlier version scanned.`,
    );
  const calibration = fitCalibration(profiles, prior.score, { pooled: prior.pooled, prior });
  const scans = profiles.length;
  const tiles = profiles.reduce((sum, profile) => sum + profile.tiles, 0);
  const version = await addCalibration(db, model.id, { calibration, scans, tiles });
  return { version, calibration, scans, tiles };
}

/**
 * Makes the scores of all finished scans those of a calibration, in batches, from what is stored: nothing is
 * scanned again. Within an image the order stays, for all its tiles share one condition. A call that was cut
 * short is completed by calling again.
 *
 * @returns how many scans and detections got other scores.
 */
export async function applyCalibration(
  db: Database,
  modelId: string,
  { version, calibration }: VersionedCalibration,
  onProgress: (scans: number) => void = () => undefined,
): Promise<{ readonly scans: number; readonly detections: number }> {
  let [scans, detections] = [0, 0];
  for (;;) {
    const batch = await db.transaction(async (tx) => {
      // A newer one may have come meanwhile: then this one must not overwrite its scores.
      if ((await newestCalibrationVersion(tx, modelId)) > version) return [];
      const stale = await staleScans(tx, { modelId, version, limit: BATCH });
      const scores = stale.flatMap(({ profile, incidenceDeg, detections: found }) => {
        const score = scoreUnder(calibration, {
          incidenceDeg: profile === null ? incidenceDeg : profile.incidenceDeg,
          contrast: profile?.contrast ?? null,
        });
        return found.map(({ id, scoreRaw }) => ({ id, score: score(scoreRaw) }));
      });
      if (stale.length > 0)
        await writeScores(tx, { scanIds: stale.map(({ scanId }) => scanId), version, scores });
      detections += scores.length;
      return stale;
    });
    if (batch.length === 0) return { scans, detections };
    scans += batch.length;
    onProgress(scans);
  }
}
