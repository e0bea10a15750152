import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { setImmediate as breathe } from 'node:timers/promises';
import { UsageError } from '../domain/errors.js';
import { createRandom, type Random } from '../domain/random.js';
import { describeTensorFlow, loadTensorFlow, type TensorFlow } from '../model/tensorflow.js';
import { type Architecture, TILE_SIZE, Vae } from '../model/vae.js';
import { initialWeights } from '../model/initial-weights.js';
import type { Weights } from '../model/weights.js';
import { readTrainingImages, type TrainingImage } from './images.js';
import { learningRateAt, setLearningRate } from './learning-rate.js';
import { type Losses, LossSum, readLosses } from './losses.js';
import { type Augmentation, cutTiles, fillBatch, shuffle, splitImages, type TrainingTile } from './tiles.js';

export interface TrainingOptions {
  /** Folders of PNG, TIFF and .IMG images. */
  readonly folders: readonly string[];
  /** Images whose name contains one of these texts are left out. */
  readonly exclude: readonly string[];
  readonly architecture: Architecture;
  /** Weight of the divergence beside the squared error, both summed per tile. */
  readonly beta: number;
  readonly epochs: number;
  readonly batch: number;
  /** Highest rate of Adam: it rises to it over the first steps and falls to zero along a cosine. */
  readonly learningRate: number;
  readonly seed: number;
  /** Pixels between tiles. */
  readonly stride: number;
  readonly augment: Augmentation;
  /** Share of the images that validate, 0..0.5. */
  readonly validation: number;
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number;
}

export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  readonly training: Losses;
  /** Over the mean path (z = mu); null without validation images. */
  readonly validation: Losses | null;
  readonly seconds: number;
}

export interface TrainingProgress extends Losses {
  readonly epoch: number;
  readonly epochs: number;
  /** Tiles done and to do over all epochs. */
  readonly tiles: number;
  readonly tilesTotal: number;
  readonly tilesPerSecond: number;
  readonly etaSeconds: number;
}

export interface TrainingListener {
  progress?(progress: TrainingProgress): void;
  /** After each epoch; `weights` are the running ones, to be written as a checkpoint. */
  epoch?(epoch: Epoch, weights: Weights, isBest: boolean): Promise<void>;
  readonly signal?: AbortSignal;
}

export interface TrainingResult {
  /** Of the best epoch by validation loss, or the last one without validation images. */
  readonly weights: Weights;
  readonly epochs: readonly Epoch[];
  readonly bestEpoch: number;
  readonly images: { readonly training: readonly string[]; readonly validation: readonly string[] };
  readonly tiles: { readonly training: number; readonly validation: number };
  readonly seconds: number;
  readonly tilesPerSecond: number;
  readonly engine: string;
}

/**
 * Trains the VAE by Adam on the sum of squared error and beta times the divergence. Everything random comes from
 * `seed`; sums over several threads may still differ in their last bits.
 * @throws OperationalError where tfjs is not built; UsageError for unusable images.
 */
export async function trainModel(
  options: TrainingOptions,
  listener: TrainingListener = {},
): Promise<TrainingResult> {
  const tf = await loadTensorFlow();
  const random = createRandom(options.seed);
  const images = await readTrainingImages(options.folders, options.architecture.channels, options.exclude);
  const split = splitImages(images, options.validation, random);
  const training = tilesOf(split.training, options.stride);
  const validation = tilesOf(split.validation, options.stride);
  if (training.length === 0)
    throw new UsageError(
      `No training image is at least ${TILE_SIZE} pixels wide and high: give larger images.`,
    );

  const vae = new Vae(tf, options.architecture, initialWeights(options.architecture, options.seed));
  const optimizer = tf.train.adam(options.learningRate);
  const started = performance.now();
  const epochs: Epoch[] = [];
  let weights = await vae.weights();
  let best = { epoch: 0, loss: Infinity };
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const epochStarted = performance.now();
      shuffle(training, random);
      const rateAt = (done: number): number =>
        learningRateAt(options, (epoch - 1) * training.length + done, training.length);
      const report = (losses: Losses, done: number): void => {
        const tiles = (epoch - 1) * training.length + done;
        const tilesTotal = options.epochs * training.length;
        const tilesPerSecond = (1000 * tiles) / (performance.now() - started);
        const etaSeconds = (tilesTotal - tiles) / tilesPerSecond;
        listener.progress?.({
          epoch,
          epochs: options.epochs,
          tiles,
          tilesTotal,
          tilesPerSecond,
          etaSeconds,
          ...losses,
        });
      };
      const trained = await trainEpoch(
        { tf, vae, optimizer, options, random, rateAt, report, signal: listener.signal },
        training,
      );
      const validated = validation.length > 0 ? await validate(tf, vae, validation, options) : null;
      const finished = {
        epoch,
        training: trained,
        validation: validated,
        seconds: (performance.now() - epochStarted) / 1000,
      };
      epochs.push(finished);
      const isBest = validated === null || validated.loss < best.loss;
      const current = await vae.weights();
      if (isBest) {
        best = { epoch, loss: validated?.loss ?? Infinity };
        weights = current;
      }
      await listener.epoch?.(finished, current, isBest);
      if (epoch - best.epoch >= options.patience) break;
    }
  } finally {
    vae.dispose();
    optimizer.dispose();
  }
  const seconds = (performance.now() - started) / 1000;
  const engine = describeTensorFlow(tf);
  return {
    weights,
    epochs,
    bestEpoch: best.epoch,
    images: {
      training: split.training.map(({ name }) => name),
      validation: split.validation.map(({ name }) => name),
    },
    tiles: { training: training.length, validation: validation.length },
    seconds,
    tilesPerSecond: (epochs.length * training.length) / seconds,
    engine: `tensorflow ${engine.version} ${engine.device}`,
  };
}

interface EpochContext {
  readonly tf: TensorFlow;
  readonly vae: Vae;
  readonly optimizer: tfjs.Optimizer;
  readonly options: TrainingOptions;
  readonly random: Random;
  /** Learning rate once so many tiles of the epoch are done. */
  readonly rateAt: (done: number) => number;
  readonly report: (losses: Losses, done: number) => void;
  readonly signal: AbortSignal | undefined;
}

async function trainEpoch(context: EpochContext, tiles: readonly TrainingTile[]): Promise<Losses> {
  const { tf, vae, optimizer, options, random, rateAt, report, signal } = context;
  const sum = new LossSum(options.beta);
  vae.training = true;
  for (let from = 0; from < tiles.length; from += options.batch) {
    signal?.throwIfAborted();
    const batch = tiles.slice(from, from + options.batch);
    const pixels = fillBatch(batch, options.augment === 'flips' ? random : null);
    const noise = new Float32Array(batch.length * options.architecture.latent).map(() => random.normal());
    setLearningRate(optimizer, rateAt(from));
    const losses = tf.tidy(() => {
      const x = batchTensor(tf, pixels, batch.length);
      let parts: { squaredError: tfjs.Scalar; divergence: tfjs.Scalar } | undefined;
      optimizer.minimize(() => {
        const { squaredError, divergence } = vae.losses(x, noise);
        parts = { squaredError: tf.keep(squaredError.clone()), divergence: tf.keep(divergence.clone()) };
        return squaredError.add(divergence.mul(options.beta));
      });
      return readLosses(parts);
    });
    vae.absorbStatistics();
    sum.add(losses, batch.length);
    report(sum.mean(), from + batch.length);
    await breathe();
  }
  return sum.mean();
}

/** Losses of the mean path with running statistics. */
async function validate(
  tf: TensorFlow,
  vae: Vae,
  tiles: readonly TrainingTile[],
  options: TrainingOptions,
): Promise<Losses> {
  const sum = new LossSum(options.beta);
  vae.training = false;
  for (let from = 0; from < tiles.length; from += options.batch) {
    const batch = tiles.slice(from, from + options.batch);
    const noise = new Float32Array(batch.length * options.architecture.latent);
    const losses = tf.tidy(() =>
      readLosses(vae.losses(batchTensor(tf, fillBatch(batch, null), batch.length), noise)),
    );
    sum.add(losses, batch.length);
    await breathe();
  }
  return sum.mean();
}

function tilesOf(images: readonly TrainingImage[], stride: number): TrainingTile[] {
  return images.flatMap((image) => cutTiles(image, stride));
}

function batchTensor(tf: TensorFlow, pixels: Float32Array, count: number): tfjs.Tensor4D {
  return tf.tensor4d(pixels, [count, TILE_SIZE, TILE_SIZE, pixels.length / (count * TILE_SIZE * TILE_SIZE)]);
}
