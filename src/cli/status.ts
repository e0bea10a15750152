import { Command } from 'commander';
import { activeModel } from '../store/queries/active-model.js';
import { listDetections, type DetectionRow } from '../store/queries/list-detections.js';
import { queueStatus, type QueueStatus } from '../store/queries/queue-status.js';
import { answer, contextOf } from './context.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

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
        const best = await listDetections(db, { limit: BEST });
        const lines = [...linesOf(model, status), ...best.map(bestLine)];
        answer(context, { model, ...status, etaSeconds: eta(status), best }, lines);
      } finally {
        await db.close();
      }
    });
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
