import { Command } from 'commander';
import type { Config } from '../config/schema.js';
import { currentCalibration } from '../pipeline/calibrations.js';
import { driftOf, type DriftState } from '../pipeline/drift-watch.js';
import { DRIFT_INPUTS } from '../scoring/drift.js';
import type { Database } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';
import { listDetections, type DetectionRow } from '../store/queries/list-detections.js';
import { queueStatus, type QueueStatus } from '../store/queries/queue-status.js';
import { answer, contextOf } from './context.js';
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
        const status = await queueStatus(db, model);
        const watched = await driftFound(context.config, db, model);
        const best = await listDetections(db, { limit: BEST });
        const lines = [...linesOf(model, status), ...driftLines(watched), ...best.map(bestLine)];
        answer(context, { model, ...status, etaSeconds: eta(status), ...watched, best }, lines);
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

/** Seconds until the live lane is empty at the rate of the last day; null where nothing was scanned. */
function eta(status: QueueStatus): number | null {
  return status.secondsPerScan === null ? null : Math.round(status.lanes.live.queued * status.secondsPerScan);
}

function linesOf(model: string, status: QueueStatus): string[] {
  const { lanes, lastRelease, secondsPerScan } = status;
  const lines = [`model         ${model}`];
  for (const [lane, counts] of Object.entries(lanes)) {
    const parts = Object.entries(counts).filter(([, count]) => count > 0);
    lines.push(
      `${lane.padEnd(13)} ${parts.map(([state, count]) => `${count} ${state}`).join(', ') || 'empty'}`,
    );
  }
  lines.push(`last hour     ${status.scannedLastHour} scans; last day ${status.scannedLastDay}`);
  if (secondsPerScan !== null) {
    const perDay = Math.round(86_400 / secondsPerScan);
    lines.push(`rate          ${secondsPerScan.toFixed(1)} s an image: ${perDay} a day`);
    lines.push(`live backlog  done in about ${eta(status)} s`);
  }
  if (lastRelease !== null)
    lines.push(`last release  ${lastRelease.volumeId}, seen ${lastRelease.discoveredAt.toISOString()}`);
  for (const error of status.errors) lines.push(`${error.state.padEnd(13)} ${error.count} x ${error.code}`);
  return lines;
}
