import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { setImmediate as breathe } from 'node:timers/promises';
import { createRandom } from '../../domain/random.js';
import { HardwareNet, initialHardwareWeights } from '../../model/hardware-net.js';
import { hardwarePlanes, INPUT_PLANES } from '../../model/hardware-planes.js';
import { describeTensorFlow, loadTensorFlow, type TensorFlow } from '../../model/tensorflow.js';
import { TILE_SIZE } from '../../model/architecture.js';
import type { Weights } from '../../model/weights.js';
import { setLearningRate } from '../learning-rate.js';
import { type Examples, makeExamples, type Targets } from './examples.js';
import type { Terrain } from './terrain-patch.js';

export interface NetTrainingOptions {
  readonly steps: number;
  readonly batch: number;
  /** Highest rate of Adam: it rises to it over the first 100 steps and falls to zero along a cosine. */
  readonly learningRate: number;
  readonly seed: number;
}

export interface NetProgress {
  readonly step: number;
  readonly steps: number;
  /** Mean over the last hundred steps. */
  readonly loss: number;
  readonly examplesPerSecond: number;
  readonly etaSeconds: number;
}

export interface NetResult {
  readonly weights: Weights;
  /** Mean loss of every hundredth part of the training. */
  readonly losses: readonly number[];
  readonly seconds: number;
  readonly engine: string;
}

/** How much more a cell that holds something counts than one that does not: one in 500 does. */
const CELL_WEIGHT = 10;
/** Weight of the cells' loss, summed over a tile, beside that of the tile's highest cell. */
const CELLS_SHARE = 0.1;
const WARM_UP_STEPS = 100;
/** Steps over which the shown loss is averaged. */
const WINDOW = 100;

/**
 * Trains the learned scorer on hardware that is drawn into plain terrain. The loss is the cross entropy of every
 * cell and, so that the few terrain forms that look most like hardware count, of each tile's highest cell.
 * @throws OperationalError where tfjs is not built.
 */
export async function trainHardwareNet(
  terrains: readonly Terrain[],
  options: NetTrainingOptions,
  listener: { progress?(progress: NetProgress): void; readonly signal?: AbortSignal } = {},
): Promise<NetResult> {
  const tf = await loadTensorFlow();
  const random = createRandom(options.seed);
  const net = new HardwareNet(tf, initialHardwareWeights(options.seed));
  const optimizer = tf.train.adam(options.learningRate);
  const started = performance.now();
  const losses: number[] = [];
  const window: number[] = [];
  net.training = true;
  try {
    for (let step = 0; step < options.steps; step++) {
      listener.signal?.throwIfAborted();
      const examples = makeExamples(terrains, options.batch, random);
      setLearningRate(optimizer, rateAt(step, options));
      window.push(trainStep(tf, net, optimizer, examples));
      net.absorbStatistics();
      if (window.length > WINDOW) window.shift();
      const loss = window.reduce((sum, value) => sum + value, 0) / window.length;
      if ((step + 1) % Math.ceil(options.steps / 100) === 0) losses.push(loss);
      const seconds = (performance.now() - started) / 1000;
      listener.progress?.({
        step: step + 1,
        steps: options.steps,
        loss,
        examplesPerSecond: ((step + 1) * options.batch) / seconds,
        etaSeconds: (seconds / (step + 1)) * (options.steps - step - 1),
      });
      await breathe();
    }
    const weights = await net.weights();
    const engine = describeTensorFlow(tf);
    return {
      weights,
      losses,
      seconds: (performance.now() - started) / 1000,
      engine: `tensorflow ${engine.version} ${engine.device}`,
    };
  } finally {
    net.dispose();
    optimizer.dispose();
  }
}

/** Adam's rate at a step, from 0. */
export function rateAt(
  step: number,
  { learningRate, steps }: Pick<NetTrainingOptions, 'learningRate' | 'steps'>,
): number {
  const warmth = Math.min(1, (step + 1) / WARM_UP_STEPS);
  return (learningRate * warmth * (1 + Math.cos((Math.PI * step) / steps))) / 2;
}

function trainStep(tf: TensorFlow, net: HardwareNet, optimizer: tfjs.Optimizer, examples: Examples): number {
  const { count } = examples;
  const value = tf.tidy(() => {
    const planes = tf.tensor4d(hardwarePlanes(examples.tiles, examples.octants), [
      count,
      TILE_SIZE,
      TILE_SIZE,
      INPUT_PLANES,
    ]);
    const cost = optimizer.minimize(() => {
      const { bodies, tracks } = net.logits(planes);
      const ofBodies = lossOf(tf, bodies, examples.bodies);
      return ofBodies.add(lossOf(tf, tracks, examples.tracks)).div<tfjs.Scalar>(count);
    }, true);
    return cost!.clone();
  });
  const [loss = NaN] = value.dataSync<'float32'>();
  value.dispose();
  return loss;
}

/**
 * Of every cell and of the highest one of each tile, summed.
 * @param logits [count, cells, cells, heads]
 */
export function lossOf(tf: TensorFlow, logits: tfjs.Tensor4D, targets: Targets): tfjs.Tensor {
  const { cells, heads } = targets;
  const shape: [number, number, number, number] = [-1, cells, cells, heads];
  const there = tf.tensor4d(targets.there, [logits.shape[0], cells, cells, heads]);
  const weights = tf.tensor(targets.weights).reshape(shape);
  const perCell = crossEntropy(tf, logits, there)
    .mul(weights)
    .mul(there.mul(CELL_WEIGHT - 1).add(1));
  const present = tf.tensor(targets.present).reshape([-1, heads]);
  const presentWeights = tf.tensor(targets.presentWeights).reshape([-1, heads]);
  return perCell
    .sum()
    .mul(CELLS_SHARE)
    .add(
      crossEntropy(tf, logits.max([1, 2]), present)
        .mul(presentWeights)
        .sum(),
    );
}

/** Of logits, per element: log(1 + exp(x)) - x z. */
function crossEntropy(tf: TensorFlow, x: tfjs.Tensor, z: tfjs.Tensor): tfjs.Tensor {
  return tf.softplus(x).sub(x.mul(z));
}
