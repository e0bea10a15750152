import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { createRandom } from '../../../src/domain/random.js';
import { HardwareNet } from '../../../src/model/hardware-net.js';
import { readMetadata, readSafetensors, writeSafetensors } from '../../../src/model/safetensors.js';
import type { TensorFlow } from '../../../src/model/tensorflow.js';
import type { Weights } from '../../../src/model/weights.js';
import { makeExamples } from '../../../src/training/hardware/examples.js';
import type { Terrain } from '../../../src/training/hardware/terrain-patch.js';
import { lossOf, rateAt } from '../../../src/training/hardware/train-net.js';
import { setLearningRate } from '../../../src/training/learning-rate.js';
import { note } from '../../harness/options.js';
import { cellsOfTiles, MARGIN, type NetVariant, planesOf } from './net-planes.js';

/** Tiles a step, as `selenoscan train-hardware` takes; half of its highest rate, as the weights are learnt already. */
const RATE = { batch: 48, learningRate: 1e-3 };
/** Steps over which a loss is averaged. */
const WINDOW = 50;

export interface NetVariantRequest {
  readonly variant: NetVariant;
  readonly steps: number;
  readonly seed: number;
  readonly terrains: readonly Terrain[];
  /** Weights of the shipped net, which training goes on from. */
  readonly start: Weights;
  /** Keeps what is trained. */
  readonly cache: string;
}

export interface TrainedNet {
  readonly weights: Weights;
  /** Mean over the first and the last steps. */
  readonly losses: { readonly first: number; readonly last: number };
}

/**
 * Goes on training the learned scorer by one variant, or takes what was trained from the cache. Examples, their order,
 * loss, Adam and its rates are the same whatever the variant.
 */
export async function trainNetVariant(tf: TensorFlow, request: NetVariantRequest): Promise<TrainedNet> {
  const { variant, steps, seed, terrains, start, cache } = request;
  const file = join(cache, `${variant}-${steps}-steps-seed-${seed}.safetensors`);
  if (existsSync(file)) {
    const bytes = await readFile(file);
    const { first, last } = readMetadata(bytes, file);
    return { weights: readSafetensors(bytes, file), losses: { first: Number(first), last: Number(last) } };
  }
  const random = createRandom(seed);
  const net = new HardwareNet(tf, start);
  const optimizer = tf.train.adam(RATE.learningRate);
  const losses: number[] = [];
  const started = performance.now();
  net.training = true;
  try {
    for (let step = 0; step < steps; step++) {
      const examples = makeExamples(terrains, RATE.batch, random, MARGIN);
      const planes = planesOf(variant, examples);
      setLearningRate(optimizer, rateAt(step, { ...RATE, steps }));
      const cost = tf.tidy(() => {
        const input = tf.tensor4d(planes.values, [RATE.batch, planes.side, planes.side, planes.planes]);
        return optimizer
          .minimize(() => {
            const { bodies, tracks } = cellsOfTiles(variant, net.logits(input));
            const ofBodies = lossOf(tf, bodies, examples.bodies);
            return ofBodies
              .add(lossOf(tf, tracks, examples.tracks))
              .div(RATE.batch)
              .asScalar();
          }, true)!
          .clone();
      });
      losses.push(cost.dataSync<'float32'>()[0]!);
      cost.dispose();
      net.absorbStatistics();
      if (step % 20 === 19 || step === 2) {
        const seconds = (performance.now() - started) / 1000 / (step + 1);
        const loss = mean(losses.slice(-WINDOW));
        note(
          `${variant}: step ${step + 1} of ${steps}, ${seconds.toFixed(2)} s each, loss ${loss.toFixed(3)}`,
        );
      }
      await breathe();
    }
    const weights = await net.weights();
    const ends = { first: mean(losses.slice(0, WINDOW)), last: mean(losses.slice(-WINDOW)) };
    const texts = { first: String(ends.first), last: String(ends.last) };
    await mkdir(cache, { recursive: true });
    await writeFile(
      `${file}.part`,
      writeSafetensors(weights, () => 'F32', texts),
    );
    await rename(`${file}.part`, file);
    return { weights, losses: ends };
  } finally {
    net.dispose();
    optimizer.dispose();
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
