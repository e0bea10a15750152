import { Command, InvalidArgumentError, Option } from 'commander';
import { OperationalError } from '../domain/errors.js';
import { createProgressDisplay } from '../training/progress-display.js';
import { readSunDirections } from '../training/sun-directions.js';
import { trainToFolder } from '../training/train-to-folder.js';
import type { Augmentation } from '../training/tiles.js';

interface TrainFlags {
  out: string;
  name: string;
  exclude: string[];
  channels: string;
  latent: number;
  beta: number;
  epochs: number;
  batch: number;
  learningRate: number;
  seed: number;
  stride: number;
  augment: Augmentation;
  validation: number;
  patience: number;
  sun?: string;
  about: string;
  json?: boolean;
}

/** `selenoscan train DIR… --out DIR`: images in, a model folder out. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a model on folders of PNG, TIFF or .IMG images and write its model folder')
    .argument('<dir...>', 'folders of images')
    .requiredOption('--out <dir>', 'folder that gets <name>@<hash>')
    .option('--name <name>', 'name of the model: small letters, digits, . _ -', modelName, 'model')
    .option('--exclude <text...>', 'leave out images whose file name contains one of these', [])
    .addOption(new Option('--channels <n>', 'colour channels').choices(['1', '3']).default('1'))
    .option('--latent <n>', 'length of the latent code, a power of two, 8 to 2048', latentSize, 64)
    .option('--beta <x>', 'weight of the divergence beside the squared error', positive, 0.1)
    .option('--epochs <n>', 'times through all tiles', wholeNumber, 8)
    .option('--batch <n>', 'tiles a step', wholeNumber, 32)
    .option('--learning-rate <x>', 'highest rate of Adam', positive, 1e-3)
    .option('--seed <n>', 'of everything random', wholeNumber, 1)
    .option('--stride <px>', 'pixels between tiles', wholeNumber, 32)
    .addOption(
      new Option('--augment <how>', 'flip tiles at random').choices(['flips', 'none']).default('flips'),
    )
    .option('--validation <share>', 'share of the images that validate, 0 to 0.5', validationShare, 0.15)
    .option('--patience <n>', 'epochs without a better validation loss before it stops', wholeNumber, 4)
    .option(
      '--sun <file>',
      'JSON of file names and directions towards the Sun, degrees clockwise from up, for the calibration',
    )
    .option('--about <text>', 'what the images are and whom to credit, for the card', '')
    .option('--json', 'print one JSON object at the end')
    .action(train);
}

async function train(folders: string[], flags: TrainFlags): Promise<void> {
  const sun = flags.sun === undefined ? new Map<string, number>() : await readSunDirections(flags.sun);
  const {
    out,
    name,
    about,
    exclude,
    beta,
    epochs,
    batch,
    learningRate,
    seed,
    stride,
    augment,
    validation,
    patience,
  } = flags;
  const architecture = { family: 'vae' as const, channels: Number(flags.channels), latent: flags.latent };
  const command = ['selenoscan', ...process.argv.slice(2)].map(quoted).join(' ');
  const display = createProgressDisplay(process.stderr);
  const abort = new AbortController();
  const interrupt = (): void =>
    abort.abort(
      new OperationalError(
        'interrupted',
        `The training was interrupted; ${out}/${name}.checkpoints keeps its last and its best weights.`,
      ),
    );
  process.once('SIGINT', interrupt);
  try {
    const { folder, result } = await trainToFolder(
      {
        folders,
        exclude,
        architecture,
        beta,
        epochs,
        batch,
        learningRate,
        seed,
        stride,
        augment,
        validation,
        patience,
      },
      { out, name, command, about, sun },
      {
        signal: abort.signal,
        progress: (progress) => display.progress(progress),
        epoch: (epoch, _weights, isBest) => Promise.resolve(display.epoch(epoch, isBest)),
      },
    );
    const last = result.epochs.find(({ epoch }) => epoch === result.bestEpoch);
    const { seconds, tilesPerSecond, engine, bestEpoch } = result;
    const summary = {
      model: folder,
      engine,
      seconds,
      tiles_per_second: tilesPerSecond,
      best_epoch: bestEpoch,
      losses: last,
    };
    console.log(flags.json === true ? JSON.stringify(summary) : `The model is in ${folder}.`);
  } finally {
    process.off('SIGINT', interrupt);
    display.stop();
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function modelName(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(text))
    throw new InvalidArgumentError('It must be of small letters, digits, . _ and -.');
  return text;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function latentSize(text: string): number {
  const value = wholeNumber(text);
  if (value < 8 || value > 2048 || !Number.isInteger(Math.log2(value))) {
    throw new InvalidArgumentError('It must be a power of two from 8 to 2048.');
  }
  return value;
}

function validationShare(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 0.5)) throw new InvalidArgumentError('It must be between 0 and 0.5.');
  return value;
}
