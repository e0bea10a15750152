import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Random } from '../domain/random.js';
import type { TensorFlow } from '../model/tensorflow.js';
import type { BatchLosses, Vae } from '../model/vae.js';
import { type Augmentation, fillBatch } from './fill-batch.js';
import type { FusedAdam } from './fused-adam.js';
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
  readonly optimizer: FusedAdam;
  readonly random: Random;
  readonly objective: Objective;
  readonly augment: Augmentation;
  /** Length of the code. */
  readonly latent: number;
  /** Told when a step has ended one of its stages. */
  readonly onStage?: (stage: TrainingStage) => void;
}

/**
 * What a step does, one after the other: the batch is cut, turned and drawn noise for, goes forward and backward
 * through the network, Adam moves the weights, then losses are read and running statistics moved. Pixels reach
 * TensorFlow within `forward`: on a CPU it reads them where they lie.
 */
export const TRAINING_STAGES = ['batch', 'forward', 'backward', 'adam', 'statistics'] as const;
export type TrainingStage = (typeof TRAINING_STAGES)[number];

/** One step of Adam on one batch. @returns the batch's losses before the step. */
export function trainStep(
  trainer: Trainer,
  tiles: readonly TrainingTile[],
  learningRate: number,
): Omit<LossSums, 'tiles'> {
  const pixels = fillBatch(tiles, trainer.augment, trainer.random);
  return trainStepOn(trainer, pixels, tiles.length, learningRate);
}

/** The same on pixels that are cut already. @param pixels `count` tiles, or windows around them, as `Vae` takes them */
export function trainStepOn(
  trainer: Omit<Trainer, 'augment'>,
  pixels: Float32Array,
  count: number,
  learningRate: number,
): Omit<LossSums, 'tiles'> {
  const { tf, vae, optimizer, random, objective, latent, onStage } = trainer;
  const noise = new Float32Array(count * latent).map(() => random.normal());
  onStage?.('batch');
  vae.training = true;
  const losses = tf.tidy(() => {
    const x = batchTensor(trainer, pixels, count);
    let kept: BatchLosses | undefined;
    const { grads } = tf.variableGrads(() => {
      const batch = vae.losses(x, noise);
      const keep = (tensor: tfjs.Scalar): tfjs.Scalar => tf.keep(tensor.clone());
      kept = {
        squaredError: keep(batch.squaredError),
        absoluteError: keep(batch.absoluteError),
        divergence: keep(batch.divergence),
      };
      const loss = lossOf(batch, objective);
      onStage?.('forward');
      return loss;
    }, optimizer.variables);
    onStage?.('backward');
    optimizer.step(grads, learningRate);
    onStage?.('adam');
    return readLosses(kept);
  });
  vae.absorbStatistics();
  onStage?.('statistics');
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
      readLosses(vae.losses(batchTensor(trainer, fillBatch(batch, 'none', random), batch.length), noise)),
    );
    sums = addLosses(sums, losses, batch.length);
    await breathe();
  }
  return meanLosses(sums, objective);
}

function batchTensor(
  { tf, vae }: Pick<Trainer, 'tf' | 'vae'>,
  pixels: Float32Array,
  count: number,
): tfjs.Tensor4D {
  const channels = vae.layers.encoder[0]!.inputs;
  const side = Math.sqrt(pixels.length / (count * channels));
  return tf.tensor4d(pixels, [count, side, side, channels]);
}
