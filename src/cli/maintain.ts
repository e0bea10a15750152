import { Command } from 'commander';
import type { Database } from '../store/database.js';
import { prunableChips, pruneChips } from '../store/queries/prune-chips.js';
import { pruneDeliveries } from '../store/queries/prune-deliveries.js';
import { tableSizes, vacuumTable } from '../store/queries/vacuum.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { EMBEDDED_OPTION, openCurrentDatabase } from './parts.js';

interface MaintainArguments {
  readonly dryRun?: boolean;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Pictures removed in one transaction: scans commit meanwhile. */
const BATCH = 5000;

export function maintainCommand(): Command {
  return new Command('maintain')
    .description(
      'remove pictures and sent alerts that need not be kept (retention.*), free their room and renew statistics; run it daily',
    )
    .option('--dry-run', 'say what would be removed, and change nothing')
    .option(...EMBEDDED_OPTION)
    .action(async (options: MaintainArguments) => {
      const context = contextOf(options);
      const db = await openCurrentDatabase(context.config, options.embedded, {
        existing: true,
        statementTimeoutMs: 0,
      });
      try {
        await (options.dryRun === true ? foretell(context, db) : maintain(context, db));
      } finally {
        await db.close();
      }
    });
}

async function foretell(context: CommandContext, db: Database): Promise<void> {
  const { chips_days: days, chips_score: score } = context.config.retention;
  const { chips, bytes } = days === 0 ? { chips: 0, bytes: 0 } : await prunableChips(db, { days, score });
  answer(context, { wouldRemove: { chips, bytes } }, [
    `Would remove the pictures of ${chips} detections, ${megabytes(bytes)}.`,
  ]);
}

async function maintain(context: CommandContext, db: Database): Promise<void> {
  const { chips_days: days, chips_score: score, alerts_days: alertDays } = context.config.retention;
  const chips = days === 0 ? 0 : await removeChips(context, db, { days, score });
  const alerts = alertDays === 0 ? 0 : await pruneDeliveries(db, alertDays);
  const before = await tableSizes(db);
  const ours = before.filter((table) => table.ours);
  const progress = startProgress(context.log, 'vacuum', ours.length, 'tables');
  let done = 0;
  for (const { table } of ours) {
    await vacuumTable(db, table);
    progress.update(++done);
  }
  progress.stop();
  const after = await tableSizes(db);
  const bytes = after.reduce((sum, table) => sum + table.bytes, 0);
  const tables = after.map(({ table, bytes: size }) => ({ table, bytes: size }));
  answer(context, { removed: { chips, alerts }, vacuumed: ours.length, bytes, tables }, [
    `Removed the pictures of ${chips} detections and ${alerts} sent alerts; ${ours.length} of ${after.length} tables (${megabytes(bytes)}) vacuumed and analysed.`,
    ...(ours.length === after.length
      ? []
      : [
          'The others belong to another user: grant selenoscan_owner to this one, or leave them to autovacuum.',
        ]),
    ...after.slice(0, 5).map(({ table, bytes: size }) => `${table.padEnd(18)} ${megabytes(size)}`),
  ]);
}

async function removeChips(
  context: CommandContext,
  db: Database,
  retention: { days: number; score: number },
): Promise<number> {
  const { chips: total } = await prunableChips(db, retention);
  const progress = startProgress(context.log, 'pictures', total, 'pictures');
  let removed = 0;
  for (;;) {
    const count = await pruneChips(db, retention, BATCH);
    removed += count;
    progress.update(Math.min(removed, total));
    if (count < BATCH) break;
  }
  progress.stop();
  return removed;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
