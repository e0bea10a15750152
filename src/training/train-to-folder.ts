import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { TrainingRecord } from '../model/manifest.js';
import { writeCheckpoint } from './checkpoint.js';
import { readTrainingImages } from './images.js';
import { makeModel } from './make-model.js';
import type { SunDirections } from './sun-directions.js';
import {
  type Epoch,
  trainModel,
  type TrainingListener,
  type TrainingOptions,
  type TrainingResult,
} from './train-model.js';

export interface ModelRequest {
  /** Folder that gets `<name>@<hash>`, and `<name>.checkpoints` while the training lasts. */
  readonly out: string;
  readonly name: string;
  /** As typed, for the card. */
  readonly command: string;
  /** What the images are and whom to credit, for the card. */
  readonly about: string;
  readonly sun: SunDirections;
}

/** Trains a model and makes its folder, calibrated on all images. @returns the folder and the training's result. */
export async function trainToFolder(
  options: TrainingOptions,
  request: ModelRequest,
  listener: TrainingListener = {},
): Promise<{ folder: string; result: TrainingResult }> {
  const checkpoints = path.join(request.out, `${request.name}.checkpoints`);
  const epochs: Epoch[] = [];
  const result = await trainModel(options, {
    ...listener,
    async epoch(epoch, weights, isBest) {
      epochs.push(epoch);
      await writeCheckpoint(checkpoints, weights, epochs, isBest);
      await listener.epoch?.(epoch, weights, isBest);
    },
  });
  const folder = await makeModel({
    parent: request.out,
    name: request.name,
    architecture: options.architecture,
    weights: result.weights,
    training: recordOf(options, request, result),
    images: await readTrainingImages(options.folders, options.architecture.channels, options.exclude),
    sun: request.sun,
  });
  await rm(checkpoints, { recursive: true, force: true });
  return { folder, result };
}

/** What the model folder keeps of a training. */
export function recordOf(
  options: TrainingOptions,
  request: Pick<ModelRequest, 'command' | 'about'>,
  result: Omit<TrainingResult, 'weights'>,
): TrainingRecord {
  const { beta, batch, learningRate, seed, stride, augment } = options;
  return {
    command: request.command,
    about: request.about,
    engine: result.engine,
    loss: 'squared error summed over the tile + beta * Kullback-Leibler divergence of the code',
    ...{ seed, beta, batch, learningRate, stride, augment },
    images: { training: [...result.images.training], validation: [...result.images.validation] },
    tiles: result.tiles,
    seconds: result.seconds,
    bestEpoch: result.bestEpoch,
    epochs: [...result.epochs],
  };
}
