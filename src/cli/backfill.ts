import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { chooseVolumes } from '../archive/index/choose-volumes.js';
import type { DataSet } from '../archive/data-set.js';
import { volumeOf } from '../archive/index/volume-calendar.js';
import { OperationalError, UsageError } from '../domain/errors.js';
import type { Selection } from '../domain/selection.js';
import { planBackfill, queueBackfill } from '../pipeline/backfill.js';
import { createDownloadFolder } from '../archive/fetch/download-folder.js';
import type { BoundingBox } from '../pipeline/plan-sample.js';
import { ProductSpool } from '../pipeline/product-spool.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { activeModel } from '../store/queries/active-model.js';
import { startProgress } from '../telemetry/progress.js';
import { estimateBackfill, estimateLines } from './backfill-estimate.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { day } from './dates.js';
import { productLimits } from './limits.js';
import { numberFrom } from './numbers.js';
import { openSource } from './open-archive.js';
import { EMBEDDED_OPTION, downloadDir, openCurrentDatabase } from './parts.js';
import { boundingBox } from './sample-options.js';

interface BackfillArguments {
  readonly from?: Date;
  readonly to?: Date;
  readonly bbox?: BoundingBox;
  readonly volume?: readonly string[];
  readonly minIncidence?: number;
  readonly maxIncidence?: number;
  readonly maxResolution?: number;
  readonly estimate?: boolean;
  readonly yes?: boolean;
  readonly embedded?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const DAY_MS = 86_400_000;

export function backfillCommand(): Command {
  return new Command('backfill')
    .description(
      'queue old images behind the live ones: says first how many, how much to fetch and how long, and asks above queue.confirm',
    )
    .option('--from <day>', 'taken from this day on (UTC)', day)
    .option('--to <day>', 'taken up to this day, included (UTC)', day)
    .option('--bbox <W,S,E,N>', 'footprint meets this box, degrees', boundingBox)
    .option('--volume <volume...>', 'only of these volumes: ids such as LROLRC_1034, or FIRST..LAST')
    .option('--min-incidence <deg>', 'no higher Sun', numberFrom(0, 180))
    .option('--max-incidence <deg>', 'no lower Sun', numberFrom(0, 180))
    .option('--max-resolution <m>', 'no coarser images, metres per pixel', numberFrom(0.01, 1000))
    .option('--estimate', 'say what it would take and queue nothing')
    .option('--yes', 'do not ask')
    .option(...EMBEDDED_OPTION)
    .action(async (options: BackfillArguments) => {
      const context = contextOf(options);
      const shutdown = new Shutdown(context.log);
      try {
        await backfill(context, options, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function backfill(
  context: CommandContext,
  options: BackfillArguments,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  const { signal } = shutdown;
  const selection = selectionOf(options, config.archive.dataset);
  const db = await openCurrentDatabase(config, options.embedded, { existing: true });
  shutdown.onRelease('database', () => db.close());
  const modelId = await activeModel(db);
  if (modelId === null)
    throw new UsageError('No model is active yet, so nothing can be queued; run `selenoscan run` first.');
  const archive = openSource(config, { log });
  shutdown.onRelease('archive', () => archive.close());
  if (archive.search === undefined)
    throw new UsageError(
      `archive.source is ${config.archive.source}, which announces all that it has; \`selenoscan run\` scans it without a backfill.`,
    );
  const dir = await createDownloadFolder(downloadDir(config));
  shutdown.onRelease('folder', () => rm(dir, { recursive: true, force: true }));

  const tools = { db, archive, modelId, limits: productLimits(config), spool: new ProductSpool(dir) };
  const plan = await planBackfill(selection, tools, signal, (release, images) =>
    log.info({ release, images }, 'Backfill:Read'),
  );
  const there = new Set(plan.releases.map(({ name }) => name));
  const absent = selection.volumes.filter((id) => config.archive.source === 'index' && !there.has(id));
  if (absent.length > 0) log.warn({ volumes: absent }, 'Backfill:VolumeNotThere');
  const estimate = await estimateBackfill(db, modelId, plan, config);
  const lines = estimateLines(plan, estimate);
  if (options.estimate === true) {
    answer(context, { plan, estimate, queued: 0 }, lines);
    return;
  }
  if (!context.json) process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  if (plan.images > config.queue.confirm && options.yes !== true)
    await confirm(plan.images, config.queue.confirm);
  const progress = startProgress(log, 'backfill', plan.selected, 'images');
  const { queued } = await queueBackfill(tools, signal, (done) => progress.update(done)).finally(() =>
    progress.stop(),
  );
  answer(context, { plan, estimate, queued }, [
    queued === 0 ? 'Nothing joined the queue.' : `${queued} ${queued === 1 ? 'image' : 'images'} queued.`,
  ]);
}

function selectionOf(options: BackfillArguments, dataSet: DataSet): Selection {
  const count = options.volume?.find((text) => /^\d+$/.test(text));
  if (count !== undefined)
    throw new UsageError(`--volume ${count} names no volume; give ids such as LROLRC_1034, or FIRST..LAST.`);
  const { from = null, to, bbox, volume = [] } = options;
  const until = to === undefined ? null : new Date(to.getTime() + DAY_MS);
  if (from !== null && until !== null && until <= from)
    throw new UsageError('--to lies before --from; exchange them.');
  const [west, south, east, north] = bbox ?? [];
  return {
    from,
    until,
    volumes: chooseVolumes(volume, volumeOf(new Date(), dataSet), dataSet),
    box:
      west === undefined || south === undefined || east === undefined || north === undefined
        ? null
        : { west, south, east, north },
    minIncidenceDeg: options.minIncidence ?? null,
    maxIncidenceDeg: options.maxIncidence ?? null,
    maxResolutionM: options.maxResolution ?? null,
  };
}

/** @throws UsageError where nobody can be asked · OperationalError `declined` */
async function confirm(images: number, limit: number): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      `${images} images are more than queue.confirm (${limit}), and nobody can be asked here; give --yes, or select fewer.`,
    );
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const given = await prompt.question(`Queue ${images} images? [y/N] `);
    if (/^y(es)?$/i.test(given.trim())) return;
  } finally {
    prompt.close();
  }
  throw new OperationalError('declined', 'Nothing was queued.');
}
