import type { Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { readSafetensors, writeSafetensors } from '../../src/model/safetensors.js';
import type { Architecture } from '../../src/model/architecture.js';
import { Vae } from '../../src/model/vae.js';
import { weightShapes } from '../../src/model/weight-shapes.js';
import type { Weight, Weights } from '../../src/model/weights.js';
import { FusedAdam } from '../../src/training/fused-adam.js';
import type { Objective } from '../../src/training/losses.js';
import { lossOf } from '../../src/training/train-epoch.js';
import { livelyWeights } from '../model/support.js';
import { groundImage, temporaryFolder, tensorFlowIfBuilt } from '../training/support.js';

/** Python with PyTorch: `python3 -m venv .venv && .venv/bin/pip install torch numpy`, then SELENOSCAN_PYTHON=.venv/bin/python. */
const python = process.env['SELENOSCAN_PYTHON'] ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
if (!hasTorch) console.log(`Left out: ${python} has no PyTorch; name one that has in SELENOSCAN_PYTHON.`);
const tf = await tensorFlowIfBuilt();

/**
 * Ours is in single precision, theirs in double. Of losses: relative. Of gradients: the largest difference in a
 * weight array as a share of its largest gradient. Of the step: the largest difference in learning rates.
 */
const TOLERANCES = { losses: 1e-5, gradients: 2e-4, step: 2e-3, statistics: 1e-5 } as const;
const TILES = 2;
/**
 * Where a ReLU sees less than this, single and double precision may take different sides of its kink, and the
 * gradients differ by a whole unit's share: such draws of weights say nothing and the next one is taken. So is one
 * whose gradients differ by more than is allowed; a wrong gradient differs in every draw.
 */
const LEAST_KINK = 1.5e-6;
const DRAWS = 12;
const ADAM = { learningRate: 1e-3, epsilon: 1e-7, steps: 10 } as const;

const cases: [Architecture, Objective][] = [
  [
    { family: 'vae', channels: 1, latent: 16 },
    { loss: 'squared', beta: 0.1 },
  ],
  [
    { family: 'vae', channels: 3, latent: 8 },
    { loss: 'squared', beta: 4 },
  ],
  [
    { family: 'vae2024', channels: 1, latent: 32 },
    { loss: 'absolute', beta: 4 },
  ],
];

interface Step {
  readonly losses: readonly number[];
  readonly gradients: Weights;
  readonly weights: Weights;
}

/** One pass and one step by tfjs, from weights and moments in PyTorch's layouts. */
async function stepOfOurs(
  [architecture, objective]: [Architecture, Objective],
  weights: Weights,
  moments: (gradients: Weights) => { first: Weights; second: Weights },
  batch: { pixels: Weight; noise: Weight },
): Promise<Step & { moments: { first: Weights; second: Weights } }> {
  const engine = tf!;
  const vae = new Vae(engine, architecture, weights);
  vae.training = true;
  const [n = 0, channels = 0] = batch.pixels.shape;
  const x = engine.tidy(() =>
    engine.tensor4d(batch.pixels.data, [n, channels, 64, 64]).transpose<Tensor4D>([0, 2, 3, 1]),
  );
  const names = [...vae.trainable.keys()];
  const variables = [...vae.trainable.values()];
  const nameOf = new Map(names.map((name, i) => [variables[i]!.name, name]));
  let losses: number[] = [];
  const { grads } = engine.variableGrads(() => {
    const parts = vae.losses(x, batch.noise.data);
    const loss = lossOf(parts, objective);
    losses = [loss, parts.squaredError, parts.absoluteError, parts.divergence].map(
      (tensor) => tensor.dataSync<'float32'>()[0] ?? NaN,
    );
    return loss;
  }, variables);
  const gradients: Weights = new Map();
  for (const [variable, gradient] of Object.entries(grads)) {
    const name = nameOf.get(variable) ?? '';
    gradients.set(name, await vae.inPyTorch(name, gradient));
  }
  const state = moments(gradients);
  const optimizer = new FusedAdam(engine, vae, ADAM.epsilon);
  optimizer.restore({ steps: ADAM.steps, ...state });
  optimizer.step(grads, ADAM.learningRate);
  vae.absorbStatistics();
  const after = await vae.weights();
  optimizer.dispose();
  vae.dispose();
  engine.dispose([x, grads]);
  return { losses, gradients, weights: after, moments: state };
}

/** As after some steps: with moments of the size of the gradients, a step depends smoothly on these. */
function someMoments(gradients: Weights): { first: Weights; second: Weights } {
  const random = createRandom(5);
  const first: Weights = new Map();
  const second: Weights = new Map();
  for (const [name, { shape, data }] of gradients) {
    const size = Math.max(Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length), 1e-4);
    first.set(name, { shape, data: data.map(() => size * random.normal()) });
    second.set(name, { shape, data: data.map(() => (size * (0.5 + random.uniform())) ** 2) });
  }
  return { first, second };
}

function stepOfTorch(
  [{ family }, { loss, beta }]: [Architecture, Objective],
  weights: Weights,
  moments: { first: Weights; second: Weights },
  batch: { pixels: Weight; noise: Weight },
): Step & { torch: string; kink: number } {
  const folder = temporary;
  const under = (prefix: string, part: Weights): [string, Weight][] =>
    [...part].map(([name, weight]) => [`${prefix}/${name}`, weight]);
  const tensors: Weights = new Map([
    ...under('weights', weights),
    ...under('adam.m', moments.first),
    ...under('adam.v', moments.second),
    ['pixels', batch.pixels],
    ['noise', batch.noise],
  ]);
  writeFileSync(
    path.join(folder, 'input.safetensors'),
    writeSafetensors(tensors, () => 'F32'),
  );
  const { learningRate: learning_rate, epsilon, steps } = ADAM;
  writeFileSync(
    path.join(folder, 'job.json'),
    JSON.stringify({ family, loss, beta, learning_rate, epsilon, steps }),
  );
  const torch = execFileSync(python, ['test/peers/model_train_torch.py', folder]).toString().trim();
  const output = readSafetensors(readFileSync(path.join(folder, 'output.safetensors')), 'output');
  const part = (prefix: string): Weights =>
    new Map(
      [...output].flatMap(([name, weight]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), weight]] : [],
      ),
    );
  return {
    torch,
    losses: [...(output.get('losses')?.data ?? [])],
    kink: output.get('kink')?.data[0] ?? NaN,
    gradients: part('gradients/'),
    weights: part('weights/'),
  };
}

const temporary = temporaryFolder();

function someBatch({ channels, latent }: Architecture): { pixels: Weight; noise: Weight } {
  const random = createRandom(9);
  const pixels = new Float32Array(TILES * channels * 64 * 64);
  for (let plane = 0; plane < TILES * channels; plane++)
    pixels.set(groundImage('', 64, 64, plane).pixels, plane * 64 * 64);
  const noise = new Float32Array(TILES * latent).map(() => random.normal());
  return {
    pixels: { shape: [TILES, channels, 64, 64], data: pixels.map((level) => Math.fround(level / 255)) },
    noise: { shape: [TILES, latent], data: noise },
  };
}

const largest = (data: Float32Array): number =>
  data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Largest |a - b| of a weight array. */
function apart(a: Weight | undefined, b: Weight | undefined): number {
  expect(a?.shape).toEqual(b?.shape);
  return b?.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (a?.data[i] ?? NaN))), 0) ?? NaN;
}

describe.skipIf(!hasTorch || tf === null)('training in PyTorch', () => {
  const figures: object[] = [];

  test.each(cases)(
    'of %j on %j has the losses, gradients and steps of ours',
    async (architecture, objective) => {
      const batch = someBatch(architecture);
      const draw = async (seed: number) => {
        const weights = livelyWeights(architecture, seed);
        const ours = await stepOfOurs([architecture, objective], weights, someMoments, batch);
        return {
          weights,
          ours,
          theirs: stepOfTorch([architecture, objective], weights, ours.moments, batch),
        };
      };
      const names = [...weightShapes(architecture).keys()].filter((name) => !name.includes('.running_'));
      expect(names).toHaveLength(7 * 3 + 3 * 2 + 2);
      const apartOf = ({ ours, theirs }: Awaited<ReturnType<typeof draw>>): number[] =>
        names.map((name) => {
          const b = theirs.gradients.get(name);
          return apart(ours.gradients.get(name), b) / largest(b!.data);
        });
      const saysNothing = (drawn: Awaited<ReturnType<typeof draw>>): boolean =>
        drawn.theirs.kink < LEAST_KINK || Math.max(...apartOf(drawn)) > TOLERANCES.gradients;
      let drawn = await draw(1);
      let draws = 1;
      for (; saysNothing(drawn) && draws < DRAWS; draws++) drawn = await draw(draws + 1);
      const { weights, ours, theirs } = drawn;
      expect([...ours.gradients.keys()].sort()).toEqual(names.toSorted());
      expect([...theirs.gradients.keys()].sort()).toEqual(names.toSorted());
      for (const name of names) expect(largest(theirs.gradients.get(name)!.data), name).toBeGreaterThan(0);
      const gradients = apartOf(drawn);
      const step = names.map(
        (name) => apart(ours.weights.get(name), theirs.weights.get(name)) / ADAM.learningRate,
      );
      const statistics = [...weights.keys()].filter((name) => name.includes('.running_'));
      expect(statistics).toHaveLength(14);
      const figure = {
        losses: Math.max(...theirs.losses.map((value, i) => Math.abs(ours.losses[i]! / value - 1))),
        gradients: Math.max(...gradients),
        step: Math.max(...step),
        statistics: Math.max(
          ...statistics.map((name) => {
            const b = theirs.weights.get(name)!;
            return apart(ours.weights.get(name), b) / largest(b.data);
          }),
        ),
      };
      const worst = Object.fromEntries(
        names.map((name, i) => [name, gradients[i] ?? NaN] as const).sort((a, b) => b[1] - a[1]),
      );
      figures.push({
        architecture,
        objective,
        ...figure,
        nearestKink: theirs.kink,
        draws,
        gradientsByWeight: worst,
      });
      writeFileSync('test/peers/results/model-training.json', results(theirs.torch, figures));
      for (const [name, value] of Object.entries(figure))
        expect(value, name).toBeLessThan(TOLERANCES[name as keyof typeof TOLERANCES]);
    },
  );
});

function results(torch: string, figures: readonly object[]): string {
  const measure = {
    losses: 'largest relative difference of loss, squared and absolute error, divergence',
    gradients: 'largest difference in a weight array / its largest gradient',
    step: 'largest difference of a weight after one step of Adam / learning rate',
    statistics: 'largest difference in running means and variances / the largest of the array',
  };
  const text = { torch, precision: 'float64', tolerances: TOLERANCES, measure, figures };
  return `${JSON.stringify(text, null, 2)}\n`;
}
