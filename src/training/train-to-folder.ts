import path from 'node:path';
import { UsageError } from '../domain/errors.js';
import type { TrainingRecord } from '../model/manifest.js';
import { CheckpointFolder } from './checkpoint.js';
import { type ImageFile, listImages } from './image-files.js';
import { readImages, type TrainingImage } from './images.js';
import { makeModel } from './make-model.js';
import type { SunDirections } from './sun-directions.js';
import {
  trainModel,
  type TrainingListener,
  type TrainingOptions,
  type TrainingResult,
  type TrainingStore,
} from './train-model.js';

/** What becomes of checkpoints that lie where a training is to keep its own. */
export type Resume = 'if-alike' | 'must' | 'never';

export interface ModelRequest {
  /** Folder that gets `<name>@<hash>`, and `<name>.checkpoints` while the training lasts. */
  readonly out: string;
  readonly name: string;
  /** As typed, for the card. */
  readonly command: string;
  /** What the images are and whom to credit, for the card. */
  readonly about: string;
  readonly sun: SunDirections;
  /** Synthetic scenes that the graphs in whole numbers are measured on beside the images. */
  readonly scenes?: Iterable<TrainingImage>;
  readonly resume: Resume;
  /** Seconds between checkpoints within an epoch. */
  readonly checkpointEveryS: number;
}

export interface FolderListener extends TrainingListener {
  /** While the new model scores the images that it is calibrated on. */
  calibrating?(done: number, total: number): void;
}

/** Of a long image so many lines in its middle calibrate: tiles enough, in bounded time and memory. */
const CALIBRATION_LINES = 2048;

/**
 * Trains a model, going on from its checkpoints where there are some, and makes its folder, calibrated on all
 * images.
 * @returns the folder and the training's result.
 * @throws UsageError where checkpoints of a training by other settings are in the way.
 */
export async function trainToFolder(
  options: TrainingOptions,
  request: ModelRequest,
  listener: FolderListener = {},
): Promise<{ folder: string; result: TrainingResult }> {
  const checkpoints = new CheckpointFolder(
    path.join(request.out, `${request.name}.checkpoints`),
    settingsOf(options),
  );
  const store = await openStore(checkpoints, settingsOf(options), request);
  const result = await trainModel(options, listener, store);
  const files = await listImages(options.paths, options.exclude);
  const folder = await makeModel({
    parent: request.out,
    name: request.name,
    architecture: options.architecture,
    weights: result.weights,
    training: recordOf(options, request, result),
    images: calibrationImages(files, options.architecture.channels, listener),
    sun: request.sun,
    ...(request.scenes && { scenes: request.scenes }),
  });
  await checkpoints.remove();
  return { folder, result };
}

async function* calibrationImages(
  files: readonly ImageFile[],
  channels: number,
  listener: FolderListener,
): AsyncGenerator<TrainingImage> {
  let done = 0;
  for await (const image of readImages(files, channels, CALIBRATION_LINES)) {
    listener.calibrating?.(done++, files.length);
    yield image;
  }
  listener.calibrating?.(done, files.length);
}

async function openStore(
  folder: CheckpointFolder,
  settings: Readonly<Record<string, unknown>>,
  { resume, checkpointEveryS: everyS }: ModelRequest,
): Promise<TrainingStore> {
  if (resume === 'never') await folder.remove();
  const stored = await folder.load();
  if (stored === null && resume === 'must')
    throw new UsageError(
      `There is no checkpoint in ${folder.path} to go on from: leave out --resume to begin a training.`,
    );
  const other = stored && differenceOf(stored.settings, settings);
  if (other)
    throw new UsageError(
      `${folder.path} holds a training with ${other}: give the same, begin anew with --restart, or choose another --name.`,
    );
  return { folder, stored, everyS };
}

/** All that the course of a training depends on, but for the images themselves. */
function settingsOf(options: TrainingOptions): Record<string, unknown> {
  const { family, channels, latent } = options.architecture;
  const { loss, beta, epochs, batch, learningRate, seed, stride, augment, validation, patience } = options;
  return {
    ...{ family, channels, latent, loss, beta, epochs, batch },
    'learning-rate': learningRate,
    ...{ seed, stride },
    'tiles-per-image': options.tilesPerImage,
    ...{ augment, validation, patience },
  };
}

/** The first setting that differs, as `--batch 32, not 16`, or null. */
function differenceOf(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): string | null {
  const name = Object.keys(now).find((key) => before[key] !== now[key]);
  return name === undefined ? null : `--${name} ${String(before[name])}, not ${String(now[name])}`;
}

const LOSS_TEXTS = {
  squared: 'squared error summed over the tile + beta * Kullback-Leibler divergence of the code',
  absolute: 'absolute error summed over the tile + beta * Kullback-Leibler divergence of the code',
} as const;

/** What the model folder keeps of a training. */
export function recordOf(
  options: TrainingOptions,
  request: Pick<ModelRequest, 'command' | 'about'>,
  result: Omit<TrainingResult, 'weights'>,
): TrainingRecord {
  const { loss, beta, batch, learningRate, seed, stride, tilesPerImage, augment } = options;
  return {
    command: request.command,
    about: request.about,
    engine: result.engine,
    loss: LOSS_TEXTS[loss],
    ...{ seed, beta, batch, learningRate, stride, tilesPerImage, augment },
    images: { training: [...result.images.training], validation: [...result.images.validation] },
    tiles: result.tiles,
    seconds: result.seconds,
    bestEpoch: result.bestEpoch,
    epochs: [...result.epochs],
  };
}
