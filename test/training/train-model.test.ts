import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { normReluOfBatch } from '../../src/model/norm-relu.js';
import { describeTensorFlow, type TensorFlow } from '../../src/model/tensorflow.js';
import { trainToFolder } from '../../src/training/train-to-folder.js';
import { trainModel, type TrainingOptions } from '../../src/training/train-model.js';
import { groundImage, temporaryFolder, tensorFlowIfBuilt } from './support.js';

const tf = await tensorFlowIfBuilt();
const images = temporaryFolder();
const out = temporaryFolder();
const options: TrainingOptions = {
  folders: [images],
  exclude: [],
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
    const train = () =>
      trainModel(options, { epoch: () => Promise.resolve(void tensors.push(engine.memory().numTensors)) });
    const before = engine.memory().numTensors;
    const first = await train();
    const second = await train();
    expect(engine.memory().numTensors).toBe(before);
    expect(tensors[1]).toBe(tensors[0]);
    expect(first.epochs[1]?.training.loss).toBeLessThan(first.epochs[0]?.training.loss ?? 0);
    expect(first.tiles).toEqual({ training: 60, validation: 30 });
    expect(second.epochs[1]?.training.loss).toBeCloseTo(first.epochs[1]?.training.loss ?? 0, 0);
    expect(first.engine).toBe(`tensorflow 2.21.0 ${describeTensorFlow(engine).device}`);
  });

  test('writes a model folder that opens, and leaves no checkpoints behind', async () => {
    const request = {
      out,
      name: 'tiny',
      command: 'selenoscan train',
      about: '',
      sun: new Map([['0.png', 90]]),
    };
    const { folder, result } = await trainToFolder({ ...options, epochs: 1 }, request);
    const model = await loadModelFolder(folder);
    expect(model.manifest.training?.images).toEqual(result.images);
    expect(model.calibration.tiles).toBeGreaterThanOrEqual(100);
    expect(readdirSync(out)).toEqual([model.id]);
  });

  test('stops when asked to, with its checkpoints kept', async () => {
    const abort = new AbortController();
    const request = { out, name: 'halted', command: '', about: '', sun: new Map<string, number>() };
    const listener = { signal: abort.signal, epoch: () => Promise.resolve(abort.abort(new Error('enough'))) };
    await expect(trainToFolder(options, request, listener)).rejects.toThrow('enough');
    expect(existsSync(path.join(out, 'halted.checkpoints/last.safetensors'))).toBe(true);
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
