import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../domain/errors.js';
import { FAMILIES, type Family } from '../model/architecture.js';
import { AUGMENTATIONS, type Augmentation } from '../training/fill-batch.js';
import { RECONSTRUCTION_LOSSES, type ReconstructionLoss } from '../training/losses.js';
import type { TrainingOptions } from '../training/train-model.js';
import { numberFrom, positive, whole } from './numbers.js';

export interface TrainFlags {
  readonly out: string;
  readonly name: string;
  readonly exclude: readonly string[];
  readonly family: Family;
  readonly channels: string;
  readonly latent?: number;
  readonly loss?: ReconstructionLoss;
  readonly beta?: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly stride: number;
  readonly tilesPerImage: number;
  readonly augment: Augmentation;
  readonly validation: number;
  readonly patience: number;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
  readonly restart?: boolean;
  readonly sun?: string;
  readonly about: string;
  readonly json?: boolean;
}

/** What each family was published with: squared error with a beta that keeps fine relief, or the paper's own. */
const FAMILY_DEFAULTS = {
  vae: { latent: 64, loss: 'squared', beta: 0.1 },
  vae2024: { latent: 256, loss: 'absolute', beta: 4 },
} as const;

const RESUMING = `
Going on after a stop: checkpoints lie in <out>/<name>.checkpoints, one after each epoch and every ten minutes.
The same command goes on from the last one, on the course of a training that was never stopped. With other
settings or images it refuses and says which; --restart throws the checkpoints away, --resume demands them.`;

export function addTrainOptions(command: Command): Command {
  return command
    .requiredOption('--out <dir>', 'folder that gets <name>@<hash>')
    .option('--name <name>', 'name of the model: small letters, digits, . _ -', modelName, 'model')
    .option('--exclude <text...>', 'leave out images whose file name contains one of these', [])
    .addOption(
      new Option('--family <name>', 'vae of 2020, or that of the 2024 follow-up')
        .choices(FAMILIES)
        .default('vae'),
    )
    .addOption(new Option('--channels <n>', 'colour channels').choices(['1', '3']).default('1'))
    .option('--latent <n>', 'length of the code, a power of two, 8 to 2048 (64; vae2024: 256)', latentSize)
    .addOption(
      new Option('--loss <error>', 'error summed over the tile (squared; vae2024: absolute)').choices(
        RECONSTRUCTION_LOSSES,
      ),
    )
    .option('--beta <x>', 'weight of the divergence beside the error (0.1; vae2024: 4)', positive)
    .option('--epochs <n>', 'times through all tiles', whole(1), 8)
    .option('--batch <n>', 'tiles a step', whole(1), 32)
    .option('--learning-rate <x>', 'highest rate of Adam', positive, 1e-3)
    .option('--seed <n>', 'of everything random', whole(1), 1)
    .option('--stride <px>', 'pixels between tiles', whole(1), 32)
    .option('--tiles-per-image <n>', 'draw so many of an image that has more', whole(1), 4000)
    .addOption(
      new Option('--augment <how>', 'turn tiles at random; rotations are flips and quarter turns')
        .choices(AUGMENTATIONS)
        .default('flips'),
    )
    .option('--validation <share>', 'share of the images that validate, 0 to 0.5', numberFrom(0, 0.5), 0.15)
    .option('--patience <n>', 'epochs without a better validation loss before it stops', whole(1), 4)
    .option('--checkpoint-every <minutes>', 'between checkpoints within an epoch', positive, 10)
    .addOption(new Option('--resume', 'fail where there is no checkpoint to go on from').conflicts('restart'))
    .option('--restart', 'throw checkpoints of an earlier training away')
    .option(
      '--sun <file>',
      'JSON of file names and directions towards the Sun, degrees clockwise from up, for the calibration',
    )
    .option('--about <text>', 'what the images are and whom to credit, for the card', '')
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', RESUMING);
}

/** @throws UsageError where the flags contradict each other. */
export function trainingOptions(paths: readonly string[], flags: TrainFlags): TrainingOptions {
  const { family, exclude, epochs, batch, learningRate, seed, stride, tilesPerImage } = flags;
  const { augment, validation, patience } = flags;
  const channels = Number(flags.channels);
  if (family === 'vae2024' && channels !== 1)
    throw new UsageError('The VAE of 2024 takes grey tiles: leave out --channels 3, or --family vae2024.');
  const defaults = FAMILY_DEFAULTS[family];
  const { latent = defaults.latent, loss = defaults.loss, beta = defaults.beta } = flags;
  return {
    architecture: { family, channels, latent },
    ...{ paths, exclude, loss, beta, epochs, batch, learningRate, seed, stride, tilesPerImage },
    ...{ augment, validation, patience },
  };
}

function modelName(text: string): string {
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(text))
    throw new InvalidArgumentError('It must be of small letters, digits, . _ and -.');
  return text;
}

function latentSize(text: string): number {
  const value = Number(text);
  if (!(value >= 8 && value <= 2048 && Number.isInteger(Math.log2(value))))
    throw new InvalidArgumentError('It must be a power of two from 8 to 2048.');
  return value;
}
