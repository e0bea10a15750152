import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { chooseVolumes } from '../archive/index/choose-volumes.js';
import { DEFAULT_EDGES } from '../archive/choose/strata.js';
import type { FetchedImage } from '../archive/archive-source.js';
import type { VolumeIndexSource } from '../archive/index/volume-index-source.js';
import { OperationalError } from '../domain/errors.js';
import type { Product } from '../domain/product.js';
import { createDownloadFolder } from '../archive/fetch/download-folder.js';
import { drawSample } from '../pipeline/draw-sample.js';
import { estimateSample } from '../pipeline/estimate-sample.js';
import { planSample } from '../pipeline/plan-sample.js';
import { SampleFolder } from '../pipeline/sample-folder.js';
import { sampleImage } from '../pipeline/sample-image.js';
import type { Outcome, SamplePlan } from '../pipeline/sample-record.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { startProgress } from '../telemetry/progress.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { whole } from './numbers.js';
import { downloadDir, openArchive, openHttpClient } from './parts.js';
import { boundingBox, identityOf, numberAbove0, requestOf, type SampleFlags } from './sample-options.js';
import { IndexMeter, summaryOf } from './sample-report.js';

/** Side of a tile: a smaller window holds none. */
const TILE = 64;

/** `selenoscan sample --out DIR`: a stratified training set from the archive. */
export function sampleCommand(): Command {
  const bins = Object.entries(DEFAULT_EDGES).map(([key, edges]) => `${key}=${edges.join(',')}`);
  return new Command('sample')
    .description('draw a training set from the archive, evenly over latitude, lighting and resolution')
    .requiredOption('--out <dir>', 'folder that gets the windows, their manifest and sun.json')
    .option('--by <quantities>', 'what the images are spread over', 'latitude,incidence,resolution')
    .option('--bins <quantity=edges...>', `other bins than ${bins.join(' ')}`, [])
    .option('--images <n>', 'images to draw', whole(1, 2000), 40)
    .option('--crops <n>', 'windows cut of each image, one below the other', whole(1, 64), 4)
    .option('--size <px>', 'side of a window', whole(TILE, 4096), 512)
    .option('--max-resolution <m>', 'no coarser images (default: archive.max_resolution)', numberAbove0)
    .option('--max-incidence <deg>', 'no lower Sun (default: archive.max_incidence)', numberAbove0)
    .option('--bbox <W,S,E,N>', 'only images whose middle lies within, degrees', boundingBox)
    .option('--seed <n>', 'another seed draws other images', whole(0, 2 ** 31 - 1), 1)
    .option(
      '--volumes <volume...>',
      'volumes whose index is read: ids, FIRST..LAST, or how many to spread over the mission, the newest first',
      ['1'],
    )
    .option('--estimate', 'read the index and say what the draw would take, but fetch no image')
    .action(async (flags: SampleFlags) => {
      const context = contextOf(flags);
      const shutdown = new Shutdown(context.log);
      try {
        await sample(context, flags, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function sample(context: CommandContext, flags: SampleFlags, shutdown: Shutdown): Promise<void> {
  const { config, log } = context;
  const { signal } = shutdown;
  const request = requestOf(flags, config);
  const options = identityOf(request, flags, config);
  const folder = await SampleFolder.open(flags.out);
  const client = openHttpClient(config);
  const archive = openArchive(config, client);
  shutdown.onRelease('archive', () => archive.close());

  const meter = new IndexMeter();
  let plan = await folder.plan(options);
  if (plan === null) {
    const volumes = chooseVolumes(flags.volumes, await archive.newestVolume(signal), config.archive.dataset);
    const progress = startProgress(log, 'index', volumes.length, 'volumes');
    const planned = await planSample(
      archive,
      volumes,
      request,
      (volume, records) => {
        meter.add(volume, records);
        if (records === null) log.warn({ volume }, 'Sample:VolumeNotThere');
        progress.update(meter.volumes);
      },
      signal,
    ).finally(() => progress.stop());
    plan = { options, ...planned };
    await folder.begin(plan);
  }
  if (plan.strata.length === 0)
    throw new OperationalError(
      'nothing_to_draw',
      `No image of ${plan.volumes.map(({ volume }) => volume).join(', ')} is within the limits (left out: ${JSON.stringify(plan.left_out)}); remove ${flags.out} and widen --max-resolution, --max-incidence, --bbox or --volumes.`,
    );
  const estimate = estimateSample(plan, request.images, request, {
    access: config.archive.access,
    spacingMs: config.archive.spacing_ms,
    bytesPerSecond: meter.bytesPerSecond,
  });
  log.info({ ...estimate, rate: meter.rateText, access: config.archive.access }, 'Sample:Estimate');
  if (flags.estimate === true) {
    answer(context, { estimate, ...summaryOf(flags.out, plan, [], false).json }, [
      ...summaryOf(flags.out, plan, [], false).lines.slice(0, -1),
      `${estimate.images} images (${estimate.crops} windows) would take ${estimate.requests} requests, ${estimate.megabytes} MB and ${Math.ceil(estimate.seconds / 60)} min ${meter.rateText}.`,
    ]);
    return;
  }
  const { outcomes, complete } = await fetchImages(context, plan, folder, request, archive, signal);
  const { json, lines } = summaryOf(flags.out, plan, outcomes, complete);
  answer(context, json, lines);
  if (!complete) process.exitCode = 1;
}

async function fetchImages(
  { config, log }: CommandContext,
  plan: SamplePlan,
  folder: SampleFolder,
  request: ReturnType<typeof requestOf>,
  archive: VolumeIndexSource,
  signal: AbortSignal,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly complete: boolean }> {
  const fetchers = [archive];
  if (config.archive.access === 'range')
    fetchers.push(openArchive({ ...config, archive: { ...config.archive, access: 'download' } }));
  const fetchImage = async (product: Product, dir: string): Promise<FetchedImage> => {
    try {
      return await fetchers[0]!.fetchImage(product, dir, { signal });
    } catch (error) {
      if (fetchers.length === 1 || !(error instanceof OperationalError && error.code === 'no_ranges'))
        throw error;
      log.warn({ reason: error.message }, 'Sample:NoRanges: images are downloaded whole from here on');
      fetchers.shift();
      return fetchers[0]!.fetchImage(product, dir, { signal });
    }
  };
  const cut = async (product: Product) => {
    const dir = await createDownloadFolder(downloadDir(config));
    try {
      return await sampleImage(product, await fetchImage(product, dir), request, signal);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };
  const progress = startProgress(log, 'sample', request.images, 'images');
  try {
    return await drawSample(plan, request.images, folder, cut, {
      outcome(outcome, images) {
        if (outcome.outcome === 'failed')
          log.warn({ product: outcome.product_id, reason: outcome.message }, 'Sample:PassedOver');
        progress.update(images);
      },
    });
  } finally {
    progress.stop();
    for (const fetcher of fetchers.slice(1)) await fetcher.close();
  }
}
