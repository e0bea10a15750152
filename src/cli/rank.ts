import { access, constants, readFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../domain/errors.js';
import { parseLabels } from '../evaluation/labels.js';
import { allSightings, imageItems, thingsOf, tileItems, type RankRow } from '../evaluation/rank-items.js';
import { rankItems, type RankedThings } from '../evaluation/rank-order.js';
import { loadModelFolder } from '../model/load-model-folder.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { startProgress } from '../telemetry/progress.js';
import { readSunDirections } from '../training/sun-directions.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { labelledImages } from './evaluate-images.js';
import { strides, whole } from './numbers.js';
import { openPool } from './open-pool.js';
import { compareOrders, summaryOf } from './rank-comparison.js';
import { writeFigures } from './rank-figures.js';
import { codesOf, measureTiles, scanForRanking, type RankBench, type RankedImage } from './rank-images.js';
import { budgetOf, numberFrom0, shareBelow1, type RankFlags } from './rank-options.js';
import { writeTable } from './rank-table.js';
import { ScanSources } from './scan-source.js';

/** Sightings whose near-duplicates are looked for: far more than any budget sends first. */
const CODED = 1000;

/** `selenoscan rank MODEL DIR --budget 20MB --out rank.csv`: what to send or look at first. */
export function rankCommand(): Command {
  return new Command('rank')
    .description('order images or tiles by how much is worth sending first under a budget of bytes')
    .argument('<model>', 'model folder')
    .argument('<dir>', 'folder of images')
    .requiredOption('--budget <bytes>', 'such as 20MB, 500kB, or 10% of all', budgetOf)
    .requiredOption('--out <file.csv>', 'the order as CSV; beside it a figure as PNG and SVG')
    .addOption(new Option('--unit <what>', 'what is sent').choices(['images', 'tiles']).default('tiles'))
    .option('--tile-bytes <n>', 'what a tile costs (default: measured as PNG, tile by tile)', whole(1, 1e6))
    .option(
      '--prior <share>',
      'share of tiles that hold an anomaly, as expected beforehand',
      shareBelow1,
      1e-5,
    )
    .option(
      '--alike <share>',
      'tiles whose latent codes are nearer than this share of the median distance are near-duplicates',
      numberFrom0,
      0.5,
    )
    .option('--labels <file>', 'CSV of labelled objects: tells how many of them the budget sends')
    .option('--sun <file>', 'JSON of file names and directions towards the Sun, degrees clockwise from up')
    .option('--index <row>', 'file with the index rows of the images, which tell the Sun')
    .option('--stride <px>', 'pixels between tiles: one number, or ACROSSxDOWN such as 32x16', strides)
    .action(async (model: string, dir: string, flags: RankFlags) => {
      const context = contextOf(flags);
      const shutdown = new Shutdown(context.log);
      try {
        await rank(context, model, dir, flags, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

async function rank(
  context: CommandContext,
  modelDir: string,
  dir: string,
  flags: RankFlags,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  await checkOut(flags.out);
  const labels = flags.labels === undefined ? [] : parseLabels(await readLabels(flags.labels), flags.labels);
  const files = await labelledImages(dir, labels, 'after the model');
  const model = await loadModelFolder(modelDir);
  const options = scanOptions(config, model.manifest.architecture.tileSize);
  const { x: strideX, y: strideY } = flags.stride ?? { x: options.strideX, y: options.strideY };
  if (Math.max(strideX, strideY) > options.size)
    throw new UsageError(
      `--stride skips pixels between tiles of ${options.size}; give ${options.size} or less.`,
    );
  const pool = await openPool(config, model, { log });
  shutdown.onRelease('scorers', () => pool.close());
  const sources = new ScanSources(config, log, flags.index);
  shutdown.onRelease('archive', () => sources.close());
  const bench: RankBench = {
    // No objects are described: tiles alone are ranked.
    tools: { model, pool, options: { ...options, strideX, strideY, budget: 0 } },
    sources,
    sun: flags.sun === undefined ? new Map() : await readSunDirections(flags.sun),
    prior: flags.prior,
    mergeRadiusPx: options.mergeRadiusPx,
  };
  const images: RankedImage[] = [];
  for (const [n, file] of files.entries()) {
    const title = `${n + 1}/${files.length} ${file.name}`;
    images.push(await scanForRanking(context, file, title, bench, shutdown.signal));
  }
  const { rows, things } = await itemsOf(context, images, flags, bench, shutdown.signal);
  const all = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const budget = 'bytes' in flags.budget ? flags.budget.bytes : Math.floor(flags.budget.share * all);
  const ranked = rankItems(rows, things, budget);
  await writeTable(flags.out, ranked, rows);
  const compared = compareOrders(ranked, rows, things, budget);
  const objects = images.reduce((sum, { labelled }) => sum + labelled.length, 0);
  const title = { unit: flags.unit, labels: flags.labels !== undefined ? objects : null };
  const figures = await writeFigures(flags.out, title, ranked, rows, things, budget);
  const result = {
    model_id: model.id,
    unit: flags.unit,
    images: images.length,
    items: rows.length,
    bytes: all,
    budget,
    prior: flags.prior,
    alike: flags.alike,
    ...(flags.labels === undefined ? {} : { objects }),
    within_budget: compared,
    out: flags.out,
    figures,
  };
  answer(context, result, summaryOf(result));
}

async function itemsOf(
  { log }: CommandContext,
  images: readonly RankedImage[],
  { unit, tileBytes, alike }: RankFlags,
  { tools }: RankBench,
  signal: AbortSignal,
): Promise<{ readonly rows: RankRow[]; readonly things: RankedThings }> {
  const sightings = allSightings(images);
  const coded = alike > 0 ? sightings.slice(0, CODED) : [];
  const codes = new Array<Float32Array>(coded.length);
  for (const [index, image] of images.entries()) {
    const own = [...coded.entries()].filter(([, sighting]) => sighting.image === index);
    const tiles = own.map(([, { best }]) => best);
    for (const [i, code] of (await codesOf(image, tiles, tools, signal)).entries()) codes[own[i]![0]] = code;
  }
  const things = thingsOf(sightings, codes, alike);
  if (unit === 'images')
    return {
      things,
      rows: imageItems(
        images,
        images.map(({ bytes }) => bytes),
        sightings,
      ),
    };
  const costs: Float64Array[] = [];
  const total = images.reduce((sum, { scores }) => sum + scores.length, 0);
  const progress = startProgress(log, 'measuring tiles', total, 'tiles');
  let done = 0;
  try {
    for (const image of images)
      costs.push(
        tileBytes === undefined
          ? await measureTiles(image, tools, signal, (tiles) => progress.update((done += tiles)))
          : new Float64Array(image.scores.length).fill(tileBytes),
      );
  } finally {
    progress.stop();
  }
  return { things, rows: tileItems(images, costs, sightings) };
}

async function readLabels(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${path}: the labels cannot be read; check the path.`, { cause });
  });
}

async function checkOut(path: string): Promise<void> {
  if (extname(path).toLowerCase() !== '.csv')
    throw new UsageError(`--out ${path}: the order is written as CSV; give a name that ends in .csv.`);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new UsageError(`--out ${path}: its folder is not there or cannot be written; give another one.`, {
      cause,
    });
  });
}
