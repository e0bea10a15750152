import type { Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import type { Architecture } from '../../src/model/architecture.js';
import { Vae } from '../../src/model/vae.js';
import { vaeLayers } from '../../src/model/vae-layers.js';
import { type StagedModel, stageModel } from '../../src/model/write-model-folder.js';
import { temporaryFolder, tensorFlowIfBuilt } from '../training/support.js';
import { livelyWeights } from './support.js';

/** Of sums over 4096 pixels in single precision, added up in different orders. */
const TOLERANCE = 1e-5;

const parent = temporaryFolder();
const tf = await tensorFlowIfBuilt();

type Outputs = Record<'l2' | 'mu_norm' | 'mu' | 'reconstruction', Float32Array>;

async function runOnnx(
  staged: StagedModel,
  level: 'disabled' | 'all',
): Promise<{ outputs: Outputs; batchNorms: number }> {
  const optimised = path.join(staged.dir, `${level}.onnx`);
  const session = await InferenceSession.create(staged.onnxPath, {
    graphOptimizationLevel: level,
    optimizedModelFilePath: optimised,
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const { channels } = staged.manifest.architecture;
  const { count, pixels, valid } = referenceTiles(channels);
  const results = await session.run({
    tiles: new Tensor('uint8', pixels, [count, channels, 64, 64]),
    valid: new Tensor('uint8', valid, [count, 1, 64, 64]),
  });
  await session.release();
  const floats = (name: keyof Outputs): Float32Array => results[name]?.data as Float32Array;
  const batchNorms = readFileSync(optimised, 'latin1').split('BatchNormalization').length - 1;
  const outputs = {
    l2: floats('l2'),
    mu_norm: floats('mu_norm'),
    mu: floats('mu'),
    reconstruction: floats('reconstruction'),
  };
  return { outputs, batchNorms };
}

/** The same on tfjs, which computes every batch norm as its own step. */
function runTensorFlow(engine: NonNullable<typeof tf>, staged: StagedModel): Outputs {
  const { architecture } = staged.manifest;
  const { count, pixels, valid } = referenceTiles(architecture.channels);
  const vae = new Vae(engine, architecture, staged.weights);
  try {
    return engine.tidy(() => {
      const shape: [number, number, number, number] = [count, architecture.channels, 64, 64];
      const x = engine.tensor4d(Float32Array.from(pixels), shape).div(255).transpose<Tensor4D>([0, 2, 3, 1]);
      const mask = engine.tensor4d(Float32Array.from(valid), [count, 64, 64, 1]);
      const { mu, reconstruction } = vae.reconstruct(x);
      const squared = x.sub(reconstruction).mul(mask).square().sum([1, 2, 3]);
      const l2 = squared
        .mul(64 * 64)
        .div(mask.sum([1, 2, 3]))
        .sqrt();
      return {
        l2: l2.dataSync<'float32'>(),
        mu_norm: mu.square().sum([1]).sqrt().dataSync<'float32'>(),
        mu: mu.dataSync<'float32'>(),
        reconstruction: reconstruction.transpose([0, 3, 1, 2]).dataSync<'float32'>(),
      };
    });
  } finally {
    vae.dispose();
  }
}

/** Largest |a - b| as a share of the largest |b|, of each output. */
function distance(a: Outputs, b: Outputs): Outputs {
  const of = (name: keyof Outputs): number => {
    const largest = b[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(a[name]).toHaveLength(b[name].length);
    return b[name].reduce((most, value, i) => Math.max(most, Math.abs(value - a[name][i]!)), 0) / largest;
  };
  return Object.fromEntries(Object.keys(b).map((name) => [name, of(name as keyof Outputs)])) as never;
}

const families: Architecture[] = [
  { family: 'vae', channels: 1, latent: 64 },
  { family: 'vae', channels: 3, latent: 8 },
  { family: 'vae2024', channels: 1, latent: 16 },
];

describe.each(families)('$family with $channels channels and a code of $latent', (architecture) => {
  let staged: StagedModel;
  let folded: Outputs;
  beforeAll(async () => {
    const weights = livelyWeights(architecture, 7);
    staged = await stageModel(parent, { name: 'family', architecture, weights, training: null });
    folded = (await runOnnx(staged, 'all')).outputs;
  });

  test('gives tiles that differ: nothing is stuck at a bound', () => {
    const { reconstruction, l2, mu } = folded;
    const [least, most] = [
      reconstruction.reduce((a, b) => Math.min(a, b)),
      reconstruction.reduce((a, b) => Math.max(a, b)),
    ];
    expect(most - least).toBeGreaterThan(0.2);
    expect(most).toBeLessThan(1);
    expect(new Set(l2).size).toBe(l2.length);
    expect(Math.max(...mu) - Math.min(...mu)).toBeGreaterThan(0.5);
  });

  test('scores alike with its batch norms folded into the convolutions and with them apart', async () => {
    const apart = await runOnnx(staged, 'disabled');
    const again = await runOnnx(staged, 'all');
    expect(apart.batchNorms).toBe(7);
    // onnxruntime folds them into convolutions, not into transposed ones, which those of stride 2 are.
    const { decoder } = vaeLayers(architecture);
    const kept = decoder.filter(({ stride, ending }) => stride === 2 && ending === 'norm-relu');
    expect(again.batchNorms).toBe(kept.length);
    expect(kept.length).toBeLessThan(3);
    const worst = distance(folded, apart.outputs);
    console.log(`folded and unfolded on ONNX, ${JSON.stringify(architecture)}: ${JSON.stringify(worst)}`);
    for (const value of Object.values(worst)) expect(value).toBeLessThan(TOLERANCE);
  });

  test.skipIf(tf === null)('scores alike on ONNX with folded batch norms and on tfjs without', () => {
    const worst = distance(folded, runTensorFlow(tf!, staged));
    console.log(`folded on ONNX and tfjs, ${JSON.stringify(architecture)}: ${JSON.stringify(worst)}`);
    for (const value of Object.values(worst)) expect(value).toBeLessThan(TOLERANCE);
  });
});
