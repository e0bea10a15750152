import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Command } from 'commander';
import { OperationalError, UsageError } from '../domain/errors.js';
import { assignTiles, type TileAssignment } from '../evaluation/assign-tiles.js';
import {
  compareScores,
  evaluateScore,
  type Comparison,
  type EvaluatedImage,
  type ScoreEvaluation,
} from '../evaluation/evaluate-scores.js';
import { estimateText } from '../evaluation/figure-text.js';
import { parseLabels } from '../evaluation/labels.js';
import { loadModelFolder } from '../model/load-model-folder.js';
import type { ImageScan } from '../pipeline/scan-image.js';
import { scanOptions } from '../pipeline/scan-options.js';
import { Shutdown } from '../pipeline/shutdown.js';
import { scoreNamesOf } from '../scoring/normalise.js';
import { readSunDirections, type SunDirections } from '../training/sun-directions.js';
import { answer, contextOf, type CommandContext } from './context.js';
import { labelledImages, type LabelledImage } from './evaluate-images.js';
import { strides, whole } from './numbers.js';
import { openPool } from './open-pool.js';
import { ScanSources } from './scan-source.js';
import { scanTiles, type TileBench } from './scan-tiles.js';

interface EvaluateFlags {
  readonly out: string;
  readonly images?: string;
  readonly score?: string;
  readonly inside: number;
  readonly stride?: { readonly x: number; readonly y: number };
  readonly sun?: string;
  readonly index?: string;
  readonly resamples: number;
  readonly seed: number;
  readonly config?: string;
  readonly json?: boolean;
}

export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure how well a model ranks labelled tiles: AP, PaTR, EoMV, and figures')
    .argument('<model>', 'model folder')
    .argument('<labels>', 'CSV of product_id,x,y[,class] or product_id,x0,y0,x1,y1[,class], in pixels')
    .requiredOption('--out <dir>', 'folder that gets evaluation.json and the figures')
    .option(
      '--images <dir>',
      'folder of the images; those without labels count as plain (default: that of the labels)',
    )
    .option('--score <name>', "the score that is drawn (default: the model's)")
    .option('--inside <px>', 'a tile is positive when it holds the point this far inside', whole(0), 8)
    .option('--stride <px>', 'pixels between tiles: one number, or ACROSSxDOWN such as 32x16', strides)
    .option('--sun <file>', 'JSON of file names and directions towards the Sun, degrees clockwise from up')
    .option('--index <row>', 'file with the index rows of the images, which tell the Sun')
    .option('--resamples <n>', 'draws of images for the intervals', whole(0), 1000)
    .option('--seed <n>', 'of the draws', whole(0), 1)
    .action(async (model: string, labels: string, flags: EvaluateFlags) => {
      const context = contextOf(flags);
      const shutdown = new Shutdown(context.log);
      try {
        await evaluate(context, model, labels, flags, shutdown);
      } finally {
        await shutdown.release();
      }
    });
}

/** One image as it was scanned and counted. */
interface Evaluated {
  readonly counted: EvaluatedImage;
  readonly report: Readonly<Record<string, unknown>>;
}

async function evaluate(
  context: CommandContext,
  modelDir: string,
  labelFile: string,
  flags: EvaluateFlags,
  shutdown: Shutdown,
): Promise<void> {
  const { config, log } = context;
  const text = await readFile(labelFile, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${labelFile}: the labels cannot be read; check the path.`, { cause });
  });
  const labels = parseLabels(text, labelFile);
  const images = await labelledImages(flags.images ?? dirname(labelFile), labels, 'by --images');
  const sun: SunDirections = flags.sun === undefined ? new Map() : await readSunDirections(flags.sun);
  const model = await loadModelFolder(modelDir);
  const size = model.manifest.architecture.tileSize;
  const drawn = flags.score ?? model.manifest.score;
  const names = scoreNamesOf(model);
  if (!names.some((name) => name === drawn))
    throw new UsageError(`--score ${drawn} is none of the model's scores; choose ${names.join(', ')}.`);
  if (2 * flags.inside >= size)
    throw new UsageError(
      `--inside ${flags.inside} leaves nothing of a tile of ${size}; give less than ${size / 2}.`,
    );
  const { x: strideX, y: strideY } = flags.stride ?? { x: config.tiling.stride_x, y: config.tiling.stride_y };
  if (Math.max(strideX, strideY) > size)
    throw new UsageError(`--stride skips pixels between tiles of ${size}; give ${size} or less.`);
  await mkdir(flags.out, { recursive: true }).catch((cause: unknown) => {
    throw new UsageError(`${flags.out}: the folder cannot be made; check --out.`, { cause });
  });
  const pool = await openPool(config, model, { log });
  shutdown.onRelease('scorers', () => pool.close());
  const sources = new ScanSources(config, log, flags.index);
  shutdown.onRelease('archive', () => sources.close());
  // No objects are described: tiles alone are counted.
  const tools = { model, pool, options: { ...scanOptions(config, size), strideX, strideY, budget: 0 } };
  const evaluated: Evaluated[] = [];
  for (const [n, image] of images.entries()) {
    const title = `${n + 1}/${images.length} ${image.name}`;
    evaluated.push(
      await evaluateImage(context, image, { title, tools, sources, sun, inside: flags.inside }, shutdown),
    );
  }
  const bootstrap = { resamples: flags.resamples, seed: flags.seed };
  const counted = evaluated.map((image) => image.counted);
  const reference = model.manifest.score;
  const scores: Record<string, ScoreEvaluation> = {};
  const differences: Record<string, Comparison> = {};
  for (const name of names) {
    const evaluation = evaluateScore(counted, name, bootstrap);
    if (evaluation === null)
      throw new OperationalError(
        'no_positive_tile',
        `No scored tile holds a labelled object ${flags.inside} pixels inside, so nothing can be measured; check that ${labelFile} is in pixels of these images, or lower --inside.`,
      );
    scores[name] = evaluation;
    const comparison = name === reference ? null : compareScores(counted, reference, name, bootstrap);
    if (comparison !== null) differences[name] = comparison;
  }
  const result = {
    model_id: model.id,
    labels: labelFile,
    default_score: reference,
    drawn_score: drawn,
    tile: { size, stride_x: strideX, stride_y: strideY, inside: flags.inside },
    bootstrap: { ...bootstrap, unit: 'image', level: 0.95 },
    images: evaluated.map(({ report }) => report),
    scores,
    default_minus: differences,
    figures: await writeFigures(flags.out, drawn, scores[drawn]!),
  };
  await writeFile(join(flags.out, 'evaluation.json'), `${JSON.stringify(result, null, 1)}\n`);
  answer(context, result, summary(scores, differences, { drawn, reference, out: flags.out }));
}

async function evaluateImage(
  context: CommandContext,
  image: LabelledImage,
  { title, inside, ...bench }: TileBench & { readonly title: string; readonly inside: number },
  { signal }: Shutdown,
): Promise<Evaluated> {
  const { labels } = image;
  const { scan, sunKnown } = await scanTiles(context, image, title, bench, signal, ({ width, height }) => {
    const outside = labels.find(({ x, y }) => x >= width || y >= height);
    if (outside !== undefined)
      throw new UsageError(
        `The label of ${outside.productId} at ${outside.x}, ${outside.y} lies outside its image of ${width} x ${height} pixels; give full-resolution pixels.`,
      );
  });
  const assignment = assignTiles(scan.grid, labels, inside);
  const counted = { labels, assignment, scores: scan.scores.named() };
  return { counted, report: imageReport(image, scan, assignment, sunKnown) };
}

function imageReport(
  { file, name, labels }: LabelledImage,
  scan: ImageScan,
  { role, tilesOf }: TileAssignment,
  sunKnown: boolean,
): Evaluated['report'] {
  const scored = (tile: number): boolean => !Number.isNaN(scan.scores.raw[tile]);
  const count = (wanted: number): number => role.filter((r, tile) => r === wanted && scored(tile)).length;
  return {
    product_id: name,
    file: basename(file),
    sun_known: sunKnown,
    tiles: scan.parts.count,
    masked_tiles: scan.parts.count - scan.masked.scored,
    plain_tiles: count(0),
    edge_tiles: count(1),
    positive_tiles: count(2),
    objects: labels.length,
    objects_without_tile: tilesOf.filter((tiles) => !tiles.some(scored)).length,
  };
}

async function writeFigures(dir: string, name: string, evaluation: ScoreEvaluation) {
  // Vega is large; no other command should wait for it.
  const [{ drawFigure }, { precisionRecallFigure }, { scoresFigure }] = await Promise.all([
    import('../figures/draw-figure.js'),
    import('../evaluation/precision-recall-figure.js'),
    import('../evaluation/scores-figure.js'),
  ]);
  const figures: { file: string; width: number; height: number }[] = [];
  const specs = { 'precision-recall': precisionRecallFigure, scores: scoresFigure };
  for (const [file, spec] of Object.entries(specs)) {
    const { svg, png, width, height } = await drawFigure(spec(name, evaluation));
    await writeFile(join(dir, `${file}.svg`), svg);
    await writeFile(join(dir, `${file}.png`), png);
    figures.push({ file: `${file}.png`, width, height });
  }
  return figures;
}

function summary(
  scores: Readonly<Record<string, ScoreEvaluation>>,
  differences: Readonly<Record<string, Comparison>>,
  { drawn, reference, out }: { drawn: string; reference: string; out: string },
): string[] {
  const rows = Object.entries(scores).map(([name, { ap, patr, eomv }]) => [
    name === drawn ? `${name} *` : name,
    ...[ap, patr, eomv].map(estimateText),
    differences[name] === undefined ? '' : estimateText(differences[name].ap),
  ]);
  const table = [['score', 'AP', 'PaTR', 'EoMV', `AP of ${reference} above it`], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const { positive_tiles: positive, plain_tiles: plain } = scores[drawn]!;
  return [
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
    `${positive} positive and ${plain} plain tiles; 95 % intervals over images; * is drawn. Written to ${out}.`,
  ];
}
