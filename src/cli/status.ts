import { Command } from 'commander';
import type { Config } from '../config/schema.js';
import { UsageError } from '../domain/errors.js';
import { currentCalibration } from '../pipeline/calibrations.js';
import { deploymentStatus } from '../pipeline/deployment-status.js';
import { driftOf, type DriftState } from '../pipeline/drift-watch.js';
import { DRIFT_INPUTS } from '../scoring/drift.js';
import type { Database } from '../store/database.js';
import { activeModel } from '../store/queries/active-model.js';
import { claimedScans, type ClaimedNow } from '../store/queries/claimed-scans.js';
import { listDetections, type DetectionRow } from '../store/queries/list-detections.js';
import { answer, contextOf } from './context.js';
import { showLive } from './live-view.js';
import { durationText } from './quantities.js';
import { statusLines } from './status-lines.js';
import { EMBEDDED_OPTION, openCurrentDatabase, openModel } from './parts.js';

/** Detections shown at the end. */
const BEST = 5;

/** How often the live view looks, ms. */
const LIVE_MS = 2000;
/** Scans in work that are listed. */
const WORKING = 10;

interface StatusArguments {
  readonly live?: boolean;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function statusCommand(): Command {
  return new Command('status')
    .description('lanes, rates, backlog, last release and errors of this deployment')
    .option('--live', 'on a terminal: looked at again every two seconds, until Ctrl-C')
    .option(...EMBEDDED_OPTION)
    .action(async (options: StatusArguments) => {
      const context = contextOf(options);
      if (options.live === true && (context.json || !process.stdout.isTTY))
        throw new UsageError('status --live draws on a terminal; elsewhere leave --live out.');
      const db = await openCurrentDatabase(context.config, options.embedded, { existing: true });
      try {
        if (options.live !== true) {
          const { value, lines } = await look(context.config, db);
          answer(context, value, lines);
          return;
        }
        const stop = new AbortController();
        process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
        await showLive(
          process.stdout,
          LIVE_MS,
          async () => [
            `selenoscan    ${new Date().toISOString().slice(0, 19)} UTC; Ctrl-C ends this view`,
            '',
            ...(await look(context.config, db)).lines,
          ],
          stop.signal,
        );
      } finally {
        await db.close();
      }
    });
}

/** The state of the deployment, for machines and for people. */
async function look(config: Config, db: Database): Promise<{ value: unknown; lines: readonly string[] }> {
  const model = await activeModel(db);
  if (model === null)
    return {
      value: { model: null },
      lines: ['No model is active yet: nothing was ever run on this database.'],
    };
  const status = await deploymentStatus(db, model);
  const working = await claimedScans(db, model, WORKING);
  const watched = await driftFound(config, db, model);
  const best = await listDetections(db, { limit: BEST });
  return {
    value: { model, ...status, working, ...watched, best },
    lines: [
      ...statusLines(model, status),
      ...working.map(workLine),
      ...driftLines(watched),
      ...best.map(bestLine),
    ],
  };
}

function workLine({ worker, productId, lane, since, attempts }: ClaimedNow): string {
  const seconds = (Date.now() - since.getTime()) / 1000;
  const again = attempts > 1 ? `, attempt ${attempts}` : '';
  return `in work       ${productId} (${lane}) by ${worker} for ${durationText(seconds)}${again}`;
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
