import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Random } from '../domain/random.js';
import type { TensorFlow } from '../model/tensorflow.js';
import { type BatchLosses, TILE_SIZE, type Vae } from '../model/vae.js';
import { type Augmentation, fillBatch } from './fill-batch.js';
import { setLearningRate } from './learning-rate.js';
import {
  addLosses,
  type LossSums,
  meanLosses,
  NO_LOSSES,
  type Losses,
  type Objective,
  readLosses,
} from './losses.js';
import type { TrainingTile } from './tiles.js';

/** The network under training and what turns its wheels. */
export interface Trainer {
  readonly tf: TensorFlow;
  readonly vae: Vae;
  readonly optimizer: tfjs.AdamOptimizer;
  readonly random: Random;
  readonly objective: Objective;
  readonly augment: Augmentation;
  /** Length of the code. */
  readonly latent: number;
}

/** One step of Adam on one batch. @returns the batch's losses before the step. */
export function trainStep(
  trainer: Trainer,
  tiles: readonly TrainingTile[],
  learningRate: number,
): Omit<LossSums, 'tiles'> {
  const { tf, vae, optimizer, random, objective, augment, latent } = trainer;
  const pixels = fillBatch(tiles, augment, random);
  const noise = new Float32Array(tiles.length * latent).map(() => random.normal());
  vae.training = true;
  setLearningRate(optimizer, learningRate);
  const losses = tf.tidy(() => {
    const x = batchTensor(tf, pixels, tiles.length);
    let kept: BatchLosses | undefined;
    optimizer.minimize(() => {
      const batch = vae.losses(x, noise);
      const keep = (tensor: tfjs.Scalar): tfjs.Scalar => tf.keep(tensor.clone());
      kept = {
        squaredError: keep(batch.squaredError),
        absoluteError: keep(batch.absoluteError),
        divergence: keep(batch.divergence),
      };
      return lossOf(batch, objective);
    });
    return readLosses(kept);
  });
  vae.absorbStatistics();
  return losses;
}

/** What is minimised, of one batch. */
export function lossOf(batch: BatchLosses, { loss, beta }: Objective): tfjs.Scalar {
  const error = loss === 'squared' ? batch.squaredError : batch.absoluteError;
  return error.add(batch.divergence.mul(beta));
}

/** Losses of the mean path with running statistics. */
export async function validate(
  trainer: Trainer,
  tiles: readonly TrainingTile[],
  batchSize: number,
): Promise<Losses> {
  const { tf, vae, random, objective, latent } = trainer;
  let sums = NO_LOSSES;
  vae.training = false;
  for (let from = 0; from < tiles.length; from += batchSize) {
    const batch = tiles.slice(from, from + batchSize);
    const noise = new Float32Array(batch.length * latent);
    const losses = tf.tidy(() =>
      readLosses(vae.losses(batchTensor(tf, fillBatch(batch, 'none', random), batch.length), noise)),
    );
    sums = addLosses(sums, losses, batch.length);
    await breathe();
  }
  return meanLosses(sums, objective);
}

function batchTensor(tf: TensorFlow, pixels: Float32Array, count: number): tfjs.Tensor4D {
  return tf.tensor4d(pixels, [count, TILE_SIZE, TILE_SIZE, pixels.length / (count * TILE_SIZE * TILE_SIZE)]);
}
