import { Command } from 'commander';
import { loadModelFolder, type ModelFolder } from '../model/load-model-folder.js';
import { exportModel } from '../training/export-model.js';
import { listImages } from '../training/image-files.js';
import { readImages, type TrainingImage } from '../training/images.js';
import { screeningScenes } from './screening-scenes.js';

/** Of a long image so many lines in its middle are measured on. */
const MOST_LINES = 2048;

/** `selenoscan model export FOLDER [IMAGES…]` */
export function exportModelCommand(): Command {
  return new Command('export')
    .description(
      "generate a model folder's graphs anew from its weights, in single precision and in whole numbers, and measure how far the latter may be off; its name stays",
    )
    .argument('<folder>', 'model folder, which is replaced')
    .argument(
      '[images...]',
      'folders or files of images of plain terrain to measure on beside synthetic ones',
    )
    .option('--exclude <text...>', 'leave out images whose file name contains one of these', [])
    .option('--json', 'one JSON object on stdout, for machines')
    .exitOverride()
    .action(run);
}

async function run(
  dir: string,
  paths: string[],
  { exclude, json }: { exclude: string[]; json?: boolean },
): Promise<void> {
  const { channels } = (await loadModelFolder(dir)).manifest.architecture;
  const files = paths.length === 0 ? [] : await listImages(paths, exclude);
  const about = [
    ...(files.length > 0 ? [files.map(({ path }) => nameOf(path)).join(', ')] : []),
    'synthetic scenes',
  ];
  const model = await exportModel(dir, images(), about.join(' and '));
  process.stdout.write(json === true ? `${JSON.stringify(summaryOf(model))}\n` : linesOf(model));

  async function* images(): AsyncGenerator<TrainingImage> {
    yield* screeningScenes(channels);
    yield* readImages(files, channels, MOST_LINES);
  }
}

/** Of each part: the middle error, that of the worst hundredth, the largest. */
function errorsOf({
  screening,
}: ModelFolder): [part: string, errors: Record<'median' | 'p99' | 'most', number>][] {
  return Object.entries(screening?.bounds.parts ?? {}).flatMap(([part, errors]) => {
    if (errors === undefined) return [];
    const { median, p99, most } = errors;
    return [[part, { median, p99, most }]];
  });
}

function summaryOf(model: ModelFolder): object {
  const { dir, id, screening } = model;
  const errors = Object.fromEntries(errorsOf(model));
  return { model: id, folder: dir, tiles: screening?.bounds.tiles, errors };
}

function linesOf(model: ModelFolder): string {
  const row = (first: string, others: readonly string[]): string =>
    `  ${first.padEnd(12)} ${others.map((text) => text.padStart(9)).join(' ')}`;
  return [
    `The graphs of ${model.dir} are written. Errors of those in whole numbers on ${model.screening?.bounds.tiles} tiles:`,
    row('part', ['median', 'p99', 'most']),
    ...errorsOf(model).map(([part, { median, p99, most }]) =>
      row(
        part,
        [median, p99, most].map((error) => error.toPrecision(3)),
      ),
    ),
    '',
  ].join('\n');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
