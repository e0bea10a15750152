import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { normReluOfBatch } from '../../src/model/norm-relu.js';
import { describeTensorFlow, type TensorFlow } from '../../src/model/tensorflow.js';
import { type ModelRequest, trainToFolder } from '../../src/training/train-to-folder.js';
import { trainModel, type TrainingOptions } from '../../src/training/train-model.js';
import { groundImage, temporaryFolder, tensorFlowIfBuilt } from './support.js';

const tf = await tensorFlowIfBuilt();
const images = temporaryFolder();
const out = temporaryFolder();
const options: TrainingOptions = {
  paths: [images],
  exclude: [],
  loss: 'squared',
  tilesPerImage: 12,
  architecture: { family: 'vae', channels: 1, latent: 8 },
  beta: 0.1,
  epochs: 2,
  batch: 8,
  learningRate: 1e-3,
  seed: 3,
  stride: 64,
  augment: 'flips',
  validation: 0.3,
  patience: 2,
};

const request = (name: string): ModelRequest => ({
  ...{ out, name, command: 'selenoscan train', about: '' },
  ...{ sun: new Map(), resume: 'if-alike', checkpointEveryS: Infinity },
});

beforeAll(async () => {
  for (let i = 0; i < 3; i++) {
    const { pixels, width, height } = groundImage(`${i}`, 384, 320, i);
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .png()
      .toFile(path.join(images, `${i}.png`));
  }
});

describe.skipIf(tf === null)('training on TensorFlow', () => {
  test('lowers the loss, is the same for the same seed, and keeps no tensors', async () => {
    const engine = tf as TensorFlow;
    const tensors: number[] = [];
    const train = () => trainModel(options, { epoch: () => void tensors.push(engine.memory().numTensors) });
    const before = engine.memory().numTensors;
    const first = await train();
    const second = await train();
    expect(engine.memory().numTensors).toBe(before);
    expect(tensors[1]).toBe(tensors[0]);
    expect(first.epochs[1]?.training.loss).toBeLessThan(first.epochs[0]?.training.loss ?? 0);
    expect(first.tiles).toEqual({ training: 24, validation: 12 });
    expect(second.epochs[1]?.training.loss).toBeCloseTo(first.epochs[1]?.training.loss ?? 0, 0);
    expect(first.engine).toBe(`tensorflow 2.21.0 ${describeTensorFlow(engine).device}`);
  });

  test('writes a model folder that opens, and leaves no checkpoints behind', async () => {
    const given = { ...request('tiny'), sun: new Map([['0.png', 90]]) };
    const { folder, result } = await trainToFolder({ ...options, epochs: 1 }, given);
    const model = await loadModelFolder(folder);
    expect(model.manifest.training?.images).toEqual(result.images);
    expect(model.calibration.tiles).toBeGreaterThanOrEqual(100);
    expect(readdirSync(out)).toEqual([model.id]);
  });

  test('shows its learning curves on its card, which says what it must not be used for', async () => {
    const { folder } = await trainToFolder({ ...options, epochs: 2 }, request('shown'));
    const card = readFileSync(path.join(folder, 'card.md'), 'utf8');
    expect(card).toContain('](learning-curves.png)');
    expect(card).toContain('## What it must not be used for');
    const { width, format } = await sharp(path.join(folder, 'learning-curves.png')).metadata();
    expect([width, format]).toEqual([expect.any(Number), 'png']);
    const svg = readFileSync(path.join(folder, 'learning-curves.svg'), 'utf8');
    expect(svg).toContain('Loss a tile');
    expect(svg).toContain('>validation<');
    const without = path.join(folder, 'learning-curves.png');
    rmSync(without);
    await expect(loadModelFolder(folder)).rejects.toThrow(/learning-curves\.png cannot be read/);
  });

  test('learns the VAE of 2024 by its own loss', async () => {
    const { epochs } = await trainModel({
      ...options,
      architecture: { family: 'vae2024', channels: 1, latent: 8 },
      loss: 'absolute',
      beta: 4,
      augment: 'rotations',
      learningRate: 1e-2,
      tilesPerImage: 24,
    });
    const [first, last] = [epochs[0]?.training, epochs[1]?.training];
    expect(last?.loss).toBeLessThan(first?.loss ?? 0);
    // 4096 errors of which none is above 1: their sum is above that of their squares.
    expect((last?.loss ?? 0) - 4 * (last?.divergence ?? 0)).toBeGreaterThan(last?.squaredError ?? Infinity);
  });

  test('the fused batch norm has the gradients of the composed one', () => {
    const engine = tf as TensorFlow;
    engine.tidy(() => {
      const weights = engine.randomNormal([8, 5, 5, 6], 0, 1, 'float32', 4);
      const inputs = [
        engine.randomNormal([8, 5, 5, 6], 0.3, 2, 'float32', 1),
        engine.randomUniform([6], 0.5, 1.5, 'float32', 2),
        engine.randomNormal([6], 0, 1, 'float32', 3),
      ];
      const fused = engine.grads((x, scale, offset) => {
        const { y, mean, variance } = normReluOfBatch(engine, x as Tensor4D, scale, offset, 1e-5);
        engine.dispose([mean, variance]);
        return y.mul(weights).sum();
      });
      const composed = engine.grads((x, scale, offset) => {
        const { mean, variance } = engine.moments(x, [0, 1, 2]);
        const y = engine.batchNorm(
          x as Tensor4D,
          mean as Tensor1D,
          variance as Tensor1D,
          offset as Tensor1D,
          scale as Tensor1D,
          1e-5,
        );
        return y.relu().mul(weights).sum();
      });
      const expected = composed(inputs);
      for (const [i, gradient] of fused(inputs).entries()) {
        const [error = NaN] = gradient
          .sub(expected[i] as Tensor)
          .abs()
          .max()
          .dataSync<'float32'>();
        expect(error).toBeLessThan(1e-4);
      }
    });
  });
});
