import { setImmediate as breathe } from 'node:timers/promises';
import { UsageError } from '../domain/errors.js';
import { createRandom } from '../domain/random.js';
import { describeTensorFlow, loadTensorFlow } from '../model/tensorflow.js';
import type { Architecture } from '../model/architecture.js';
import { Vae } from '../model/vae.js';
import { initialWeights } from '../model/initial-weights.js';
import type { Weights } from '../model/weights.js';
import type { CheckpointFolder, StoredTraining } from './checkpoint.js';
import { type Dataset, type DatasetOptions, readDataset } from './dataset.js';
import type { Augmentation } from './fill-batch.js';
import { FusedAdam } from './fused-adam.js';
import { learningRateAt } from './learning-rate.js';
import { addLosses, type Losses, meanLosses, NO_LOSSES, type Objective } from './losses.js';
import { shuffle, type TrainingTile } from './tiles.js';
import { type Trainer, trainStep, validate } from './train-epoch.js';
import { type Epoch, startPosition, type TrainingPosition } from './training-state.js';

export interface TrainingOptions extends DatasetOptions, Objective {
  readonly architecture: Architecture;
  readonly epochs: number;
  readonly batch: number;
  /** Highest rate of Adam: it rises to it over the first steps and falls to zero along a cosine. */
  readonly learningRate: number;
  readonly augment: Augmentation;
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number;
}

export interface TrainingProgress extends Losses {
  readonly epoch: number;
  readonly epochs: number;
  readonly learningRate: number;
  /** Tiles done and to do over all epochs. */
  readonly tiles: number;
  readonly tilesTotal: number;
  readonly tilesPerSecond: number;
  readonly etaSeconds: number;
}

export interface TrainingListener {
  /** While images are read. */
  images?(done: number, total: number): void;
  /** Once, where an earlier training is gone on with. */
  resumed?(position: TrainingPosition): void;
  progress?(progress: TrainingProgress): void;
  epoch?(epoch: Epoch, isBest: boolean): void;
  /** Ends the training, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** Where a training is kept while it lasts, and what lies there of it already. */
export interface TrainingStore {
  readonly folder: CheckpointFolder;
  readonly stored: StoredTraining | null;
  /** Seconds between checkpoints within an epoch; there is one after each epoch anyway. */
  readonly everyS: number;
}

export interface TrainingResult {
  /** Of the best epoch by validation loss, or the last one without validation images. */
  readonly weights: Weights;
  readonly epochs: readonly Epoch[];
  readonly bestEpoch: number;
  readonly images: Dataset['images'];
  readonly tiles: { readonly training: number; readonly validation: number };
  /** Over all runs of a training that was gone on with. */
  readonly seconds: number;
  readonly tilesPerSecond: number;
  readonly engine: string;
}

/**
 * Trains a VAE by Adam. Everything random comes from `seed`; sums over several threads may still differ in their
 * last bits. A training that goes on from a checkpoint takes the course of one that was never stopped.
 * @throws OperationalError where tfjs is not built; UsageError for unusable images, or other ones than before.
 */
export async function trainModel(
  options: TrainingOptions,
  listener: TrainingListener = {},
  store: TrainingStore | null = null,
): Promise<TrainingResult> {
  const tf = await loadTensorFlow();
  const { architecture } = options;
  const seeded = createRandom(options.seed);
  const dataset = await readDataset(options, architecture.channels, seeded, (done, total) =>
    listener.images?.(done, total),
  );
  const stored = store?.stored ?? null;
  if (store && stored && stored.snapshot.dataset !== dataset.digest)
    throw new UsageError(
      `${store.folder.path} holds a training on other images or tiles: give the same ones, or begin anew with --restart.`,
    );
  const position = stored?.snapshot.position ?? startPosition(dataset.training.length, seeded.state);
  if (stored) listener.resumed?.(position);

  const random = createRandom(position.random);
  const initial = stored?.snapshot.weights ?? initialWeights(architecture, options.seed);
  const vae = new Vae(tf, architecture, initial);
  const optimizer = new FusedAdam(tf, vae);
  const trainer: Trainer = {
    ...{ tf, vae, optimizer, random },
    objective: options,
    augment: options.augment,
    latent: architecture.latent,
  };
  let bestWeights = stored?.bestWeights ?? initial;
  const save = async (best: Weights | null): Promise<void> => {
    if (store === null) return;
    position.random = random.state;
    const weights = await vae.weights();
    const adam = await optimizer.state();
    await store.folder.save({ position, dataset: dataset.digest, weights, adam }, best);
  };
  try {
    if (stored) optimizer.restore(stored.snapshot.adam);
    while (!isOver(position, options)) {
      await finishEpoch(trainer, dataset.training, position, options, listener, {
        everyS: store?.everyS ?? Infinity,
        save: () => save(null),
      });
      const started = performance.now();
      const validated =
        dataset.validation.length > 0 ? await validate(trainer, dataset.validation, options.batch) : null;
      spend(position, (performance.now() - started) / 1000);
      const isBest = closeEpoch(position, options, validated);
      if (isBest) bestWeights = await vae.weights();
      await save(isBest ? bestWeights : null);
      const epoch = position.epochs.at(-1);
      if (epoch) listener.epoch?.(epoch, isBest);
    }
  } finally {
    optimizer.dispose();
    vae.dispose();
  }
  const { epochs, best, seconds } = position;
  const engine = describeTensorFlow(tf);
  return {
    weights: bestWeights,
    epochs,
    bestEpoch: best.epoch,
    images: dataset.images,
    tiles: { training: dataset.training.length, validation: dataset.validation.length },
    seconds,
    tilesPerSecond: (epochs.length * dataset.training.length) / seconds,
    engine: `tensorflow ${engine.version} ${engine.device}`,
  };
}

/** After the last epoch, or `patience` epochs after the best one. */
function isOver({ epochs, best, done }: TrainingPosition, options: TrainingOptions): boolean {
  if (done > 0) return false;
  return epochs.length >= options.epochs || epochs.length - best.epoch >= options.patience;
}

/** Trains the tiles of an epoch that are still to do. */
async function finishEpoch(
  trainer: Trainer,
  tiles: readonly TrainingTile[],
  position: TrainingPosition,
  options: TrainingOptions,
  listener: TrainingListener,
  checkpoints: { everyS: number; save: () => Promise<void> },
): Promise<void> {
  if (position.done === 0) shuffle(position.order, trainer.random);
  const epoch = position.epochs.length + 1;
  const before = position.epochs.length * tiles.length;
  const tilesTotal = options.epochs * tiles.length;
  const doneAtStart = position.done;
  const started = performance.now();
  let last = started;
  let saved = started;
  while (position.done < tiles.length) {
    if (listener.signal?.aborted) {
      // Before the first step the previous checkpoint says it all.
      if (position.done > 0) await checkpoints.save();
      listener.signal.throwIfAborted();
    }
    const batch = Array.from(
      position.order.subarray(position.done, position.done + options.batch),
      (index) => tiles[index] as TrainingTile,
    );
    const learningRate = learningRateAt(options, before + position.done, tiles.length);
    position.sums = addLosses(position.sums, trainStep(trainer, batch, learningRate), batch.length);
    position.done += batch.length;
    const now = performance.now();
    spend(position, (now - last) / 1000);
    last = now;
    const tilesPerSecond = (1000 * (position.done - doneAtStart)) / (now - started);
    listener.progress?.({
      ...{ epoch, epochs: options.epochs, learningRate, tilesTotal, tilesPerSecond },
      tiles: before + position.done,
      etaSeconds: (tilesTotal - before - position.done) / tilesPerSecond,
      ...meanLosses(position.sums, options),
    });
    if (now - saved >= 1000 * checkpoints.everyS && position.done < tiles.length) {
      await checkpoints.save();
      saved = performance.now();
    }
    await breathe();
  }
}

/** Notes the losses of the epoch that is over. @returns whether it is the best. */
function closeEpoch(
  position: TrainingPosition,
  options: TrainingOptions,
  validation: Losses | null,
): boolean {
  const epoch = position.epochs.length + 1;
  const training = meanLosses(position.sums, options);
  position.epochs.push({ epoch, training, validation, seconds: position.epochSeconds });
  const isBest = validation === null || validation.loss < position.best.loss;
  if (isBest) position.best = { epoch, loss: validation?.loss ?? Infinity };
  position.done = 0;
  position.sums = NO_LOSSES;
  position.epochSeconds = 0;
  return isBest;
}

function spend(position: TrainingPosition, seconds: number): void {
  position.seconds += seconds;
  position.epochSeconds += seconds;
}
