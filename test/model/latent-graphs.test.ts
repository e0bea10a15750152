import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLatentGraphs } from '../../src/model/latent-graphs.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { decodeModel } from '../../src/model/onnx-schema.js';
import { extractSubgraph } from '../../src/model/onnx-subgraph.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { Vae } from '../../src/model/vae.js';
import { createLatentEngine, type LatentEngine } from '../../src/scoring/onnx-latent.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { STARTER } from '../support/starter.js';
import { tensorFlowIfBuilt } from '../training/support.js';

const tf = await tensorFlowIfBuilt();

let model: ModelFolder;
let engine: LatentEngine;
beforeAll(async () => {
  model = await loadModelFolder(STARTER);
  const { channels, latent, tileSize } = model.manifest.architecture;
  engine = await createLatentEngine({
    ...(await loadLatentGraphs(model)),
    channels,
    latent,
    tileSize,
    threads: 1,
  });
});
afterAll(() => engine.close());

describe('the halves of a scorer', () => {
  it('decode the code that they encode to the reconstruction that the whole gives', async () => {
    const { channels, tileSize } = model.manifest.architecture;
    const scorer = await createOnnxScorer({ modelPath: model.onnxPath, threads: 1, channels, tileSize });
    const tiles = referenceTiles(channels);
    const whole = await scorer.explain(tiles).finally(() => scorer.close());
    const { mu } = await engine.encode(tiles.pixels, tiles.count);
    expect(largestDifference(mu, whole.mu)).toBeLessThan(1e-5);
    expect(largestDifference(await engine.decode(mu, tiles.count), whole.reconstruction)).toBeLessThan(1e-5);
  });

  it('decode any code, one by one as together', async () => {
    const { latent, channels, tileSize } = model.manifest.architecture;
    const codes = Float32Array.from({ length: 3 * latent }, (_, i) => Math.sin(i));
    const together = await engine.decode(codes, 3);
    const area = channels * tileSize ** 2;
    const second = await engine.decode(codes.slice(latent, 2 * latent), 1);
    expect(largestDifference(second, together.subarray(area, 2 * area))).toBeLessThan(1e-5);
    expect(largestDifference(second, together.subarray(0, area))).toBeGreaterThan(0.01);
  });

  it.skipIf(tf === null)(
    'give the mean and the spread of the code that the network in TensorFlow gives',
    async () => {
      const { channels, tileSize } = model.manifest.architecture;
      const bytes = (await loadLatentGraphs(model)).weights.bytes;
      const vae = new Vae(tf!, model.manifest.architecture, readSafetensors(Buffer.from(bytes), 'weights'));
      const { count, pixels } = referenceTiles(channels);
      const x = tf!
        .tensor4d(
          Float32Array.from(pixels, (dn) => dn / 255),
          [count, channels, tileSize, tileSize],
        )
        .transpose<tfjs.Tensor4D>([0, 2, 3, 1]);
      const expected = vae.encode(x);
      const { mu, logvar } = await engine.encode(pixels, count);
      expect(largestDifference(mu, await expected.mu.data<'float32'>())).toBeLessThan(1e-3);
      expect(largestDifference(logvar, await expected.logvar.data<'float32'>())).toBeLessThan(1e-3);
      vae.dispose();
    },
  );

  it('keep to what they need: no score is computed on the way', async () => {
    const { encoder, decoder } = await loadLatentGraphs(model);
    const [up, down] = [decodeModel(encoder).graph, decodeModel(decoder).graph];
    expect(up.input.map(({ name }) => name)).toEqual(['tiles']);
    expect(up.output.map(({ name }) => name)).toEqual(['mu', 'logvar']);
    expect(down.input.map(({ name }) => name)).toEqual(['mu']);
    expect(down.initializer.some(({ name }) => name.startsWith('encoder.'))).toBe(false);
    expect(up.initializer.some(({ name }) => name.startsWith('decoder.'))).toBe(false);
    expect(() => extractSubgraph(decodeModel(decoder), [], down.output)).toThrow('has no value mu');
  });
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
