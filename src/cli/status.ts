import { Command } from 'commander';
import type { Config } from '../config/schema.js';
import { currentCalibration } from '../pipeline/calibrations.js';
import { deploymentStatus } from '../pipeline/deployment-status.js';
import { driftOf, type DriftState } from '../pipeline/drift-watch.js';
import { DRIFT_INPUTS } from '../scoring/drift.js';
import type { Database } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';
import { listDetections, type DetectionRow } from '../store/queries/list-detections.js';
import { answer, contextOf } from './context.js';
import { statusLines } from './status-lines.js';
import { EMBEDDED_OPTION, openCurrentDatabase, openModel } from './parts.js';

/** Detections shown at the end. */
const BEST = 5;

export function statusCommand(): Command {
  return new Command('status')
    .description('lanes, rates, backlog, last release and errors of this deployment')
    .option(...EMBEDDED_OPTION)
    .action(async (options: { embedded?: string; config?: string; json?: boolean }) => {
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        const model = await activeModel(db);
        if (model === null) {
          answer(context, { model: null }, [
            'No model is active yet: nothing was ever run on this database.',
          ]);
          return;
        }
        const status = await deploymentStatus(db, model);
        const watched = await driftFound(context.config, db, model);
        const best = await listDetections(db, { limit: BEST });
        const lines = [...statusLines(model, status), ...driftLines(watched), ...best.map(bestLine)];
        answer(context, { model, ...status, ...watched, best }, lines);
      } finally {
        await db.close();
      }
    });
}

interface WatchedDrift {
  /** Version of the calibration that scores are made with; 0 = the model folder's. */
  readonly calibrationVersion: number;
  /** Null where nothing was scanned. */
  readonly drift: DriftState | null;
}

/** Null where `model.path` is not the folder of the active model: its calibration cannot be known. */
async function driftFound(config: Config, db: Database, modelId: string): Promise<WatchedDrift | null> {
  const model = await openModel(config);
  if (model.id !== modelId) return null;
  const { version, calibration } = await currentCalibration(db, model);
  return {
    calibrationVersion: version,
    drift: await driftOf(db, modelId, calibration, config.drift),
  };
}

function driftLines(watched: WatchedDrift | null): string[] {
  if (watched === null) return [];
  const { calibrationVersion, drift } = watched;
  const lines = [
    `calibration   ${calibrationVersion === 0 ? "the model folder's" : `version ${calibrationVersion}`}`,
  ];
  if (drift !== null) {
    const parts = DRIFT_INPUTS.map(
      (input) =>
        `${input} ${drift.drift[input].index.toFixed(2)}${drift.alarms[input] ? ' ALARM: unlike what was learnt' : ''}`,
    );
    lines.push(`drift         ${parts.join(', ')} over ${drift.scans} scans`);
  }
  return lines;
}

function bestLine(row: DetectionRow): string {
  const place =
    row.lon === null
      ? ''
      : ` at ${row.lon.toFixed(4)}, ${row.lat?.toFixed(4)} +-${row.uncertainty_m?.toFixed(0)} m`;
  return `best          score ${row.score.toFixed(2)} in ${row.product_id}${place}`;
}
