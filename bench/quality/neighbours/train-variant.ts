import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { createRandom } from '../../../src/domain/random.js';
import { initialWeights } from '../../../src/model/initial-weights.js';
import { loadTensorFlow } from '../../../src/model/tensorflow.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { Vae } from '../../../src/model/vae.js';
import type { Weights } from '../../../src/model/weights.js';
import { CheckpointFolder } from '../../../src/training/checkpoint.js';
import { type Dataset, readDataset } from '../../../src/training/dataset.js';
import { FusedAdam } from '../../../src/training/fused-adam.js';
import { learningRateAt } from '../../../src/training/learning-rate.js';
import { addLosses, meanLosses, NO_LOSSES } from '../../../src/training/losses.js';
import { shuffle, type TrainingTile } from '../../../src/training/tiles.js';
import { trainStepOn } from '../../../src/training/train-epoch.js';
import { startPosition, type TrainingPosition } from '../../../src/training/training-state.js';
import { note } from '../../harness/options.js';
import { FOLDS, NEVER_TRAINED } from '../folds.js';
import { fillWindows } from './windows.js';

/**
 * What the encoder sees around a tile, pixels on each side. It reaches 9 px beyond the tile; 12 is the next
 * multiple of the 4 px that a value of its output stands for. In training, batch norms are over whole windows.
 */
export const VARIANTS = { zeros: 0, neighbours: 12 } as const;
export type Variant = keyof typeof VARIANTS;

export const ARCHITECTURE: Architecture = { family: 'vae', channels: 1, latent: 64 };
/** Those of `selenoscan train`. */
const OBJECTIVE = { loss: 'squared', beta: 0.1 } as const;
const RATE = { batch: 32, learningRate: 1e-3 };
const TILES = { stride: 32, tilesPerImage: 4000 };

export interface VariantRequest {
  readonly variant: Variant;
  /** 1 to 3 */
  readonly fold: number;
  readonly epochs: number;
  readonly seed: number;
  /** Folder of the real crops. */
  readonly data: string;
  /** Keeps what is trained, and where a training that was stopped goes on. */
  readonly cache: string;
}

export interface TrainedVariant {
  readonly margin: number;
  readonly weights: Weights;
  /** Of the last epoch, means per tile. */
  readonly losses: { readonly squaredError: number; readonly divergence: number };
  readonly tiles: number;
}

/**
 * Trains a VAE on the crops that are not of a fold, or takes it from the cache. Tiles, their order and mirroring,
 * noise, first weights, Adam and its rates are those of `selenoscan train`, whatever the variant.
 */
export async function trainVariant(request: VariantRequest): Promise<TrainedVariant> {
  const { variant, fold, epochs, seed } = request;
  const settings = {
    variant,
    margin: VARIANTS[variant],
    fold,
    epochs,
    seed,
    ...OBJECTIVE,
    ...RATE,
    ...TILES,
  };
  const folder = new CheckpointFolder(
    join(request.cache, `fold${fold}-${variant}-${epochs}-epochs-seed-${seed}`),
    settings,
  );
  const seeded = createRandom(seed);
  const dataset = await readFold(request, seeded);
  const stored = await folder.load();
  if (stored && (stored.snapshot.dataset !== dataset.digest || differs(stored.settings, settings)))
    throw new Error(`${folder.path} holds a training on other tiles or by other settings: remove it.`);
  const position = stored?.snapshot.position ?? startPosition(dataset.training.length, seeded.state);
  let weights = stored?.snapshot.weights ?? initialWeights(ARCHITECTURE, seed);
  if (position.epochs.length < epochs) {
    const tf = await loadTensorFlow();
    const vae = new Vae(tf, ARCHITECTURE, weights);
    const optimizer = new FusedAdam(tf, vae);
    if (stored) optimizer.restore(stored.snapshot.adam);
    const random = createRandom(position.random);
    const latent = ARCHITECTURE.latent;
    const trainer = { tf, vae, optimizer, random, objective: OBJECTIVE, latent };
    const learn = (tiles: readonly TrainingTile[], rate: number) =>
      trainStepOn(trainer, fillWindows(tiles, VARIANTS[variant], random), tiles.length, rate);
    try {
      while (position.epochs.length < epochs) {
        shuffle(position.order, random);
        await trainEpoch(dataset.training, position, epochs, learn, `fold ${fold}, ${variant}`);
        position.random = random.state;
        weights = await vae.weights();
        const adam = await optimizer.state();
        await folder.save({ position, dataset: dataset.digest, weights, adam }, weights);
      }
    } finally {
      optimizer.dispose();
      vae.dispose();
    }
  }
  const losses = position.epochs.at(-1)!.training;
  return { margin: VARIANTS[variant], weights, losses, tiles: dataset.training.length };
}

function readFold(
  { fold, seed, data }: VariantRequest,
  random: ReturnType<typeof createRandom>,
): Promise<Dataset> {
  const exclude = [...FOLDS[fold - 1]!, NEVER_TRAINED];
  return readDataset({ paths: [data], exclude, seed, validation: 0, ...TILES }, 1, random);
}

async function trainEpoch(
  tiles: readonly TrainingTile[],
  position: TrainingPosition,
  epochs: number,
  learn: (tiles: readonly TrainingTile[], rate: number) => ReturnType<typeof trainStepOn>,
  name: string,
): Promise<void> {
  const before = position.epochs.length * tiles.length;
  const epoch = position.epochs.length + 1;
  const started = performance.now();
  let sums = NO_LOSSES;
  for (let done = 0; done < tiles.length; done += RATE.batch) {
    const batch = Array.from(position.order.subarray(done, done + RATE.batch), (index) => tiles[index]!);
    const rate = learningRateAt({ ...RATE, epochs }, before + done, tiles.length);
    sums = addLosses(sums, learn(batch, rate), batch.length);
    if ((done / RATE.batch) % 20 === 19) {
      const { squaredError } = meanLosses(sums, OBJECTIVE);
      const speed = (1000 * sums.tiles) / (performance.now() - started);
      note(
        `${name}, epoch ${epoch} of ${epochs}: ${sums.tiles} of ${tiles.length} tiles, ${speed.toFixed(1)} a second, squared error ${squaredError.toFixed(1)}`,
      );
    }
    await breathe();
  }
  const seconds = (performance.now() - started) / 1000;
  position.seconds += seconds;
  position.epochs.push({ epoch, training: meanLosses(sums, OBJECTIVE), validation: null, seconds });
  position.best = { epoch, loss: Infinity };
}

function differs(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
