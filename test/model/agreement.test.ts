import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { referenceTiles } from '../../src/model/reference-tiles.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { Vae } from '../../src/model/vae.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import type { VaeScores } from '../../src/scoring/scorer.js';
import { STARTER } from '../support/starter.js';
import { tensorFlowIfBuilt } from '../training/support.js';

const model = await loadModelFolder(STARTER);
const tiles = referenceTiles(1);

async function onnxScores(): Promise<VaeScores> {
  const scorer = await createOnnxScorer({ modelPath: model.onnxPath, threads: 1, channels: 1, tileSize: 64 });
  const scores = await scorer.score(tiles);
  await scorer.close();
  return scores;
}

function expectAgreement(ours: ArrayLike<number>, theirs: ArrayLike<number>): void {
  expect(ours).toHaveLength(theirs.length);
  for (let i = 0; i < theirs.length; i++) {
    expect(Math.abs((ours[i] ?? NaN) / (theirs[i] ?? NaN) - 1)).toBeLessThan(1e-4);
  }
}

describe('the starter model on ONNX', () => {
  test('scores as the independent PyTorch implementation does', async () => {
    const file = 'test/fixtures/model/starter-pytorch.json';
    expect(existsSync(file)).toBe(true);
    const torch = JSON.parse(readFileSync(file, 'utf8')) as Record<keyof VaeScores, number[]> & {
      model: string;
    };
    expect(torch.model).toBe(model.id);
    const ours = await onnxScores();
    for (const name of ['l2', 'muNorm', 'bright'] as const) expectAgreement(ours[name], torch[name]);
  });

  test('scores its reference tiles as its folder says', async () => {
    const ours = await onnxScores();
    expect(Buffer.from(tiles.pixels).toString('base64')).toBe(model.reference.tiles);
    for (const name of ['l2', 'muNorm', 'bright'] as const)
      expectAgreement(ours[name], model.reference[name]);
  });

  test('scores as tfjs does', async (context) => {
    const tf = await tensorFlowIfBuilt();
    if (tf === null) return context.skip('TensorFlow is not built');
    const weights = readSafetensors(readFileSync(model.weightsPath), model.weightsPath);
    const vae = new Vae(tf, model.manifest.architecture, weights);
    const [l2, muNorm] = tf.tidy(() => {
      const x = tf
        .tensor(Float32Array.from(tiles.pixels), [tiles.count, 64, 64, 1])
        .div<ReturnType<typeof tf.tensor4d>>(255);
      const valid = tf.tensor(Float32Array.from(tiles.valid), [tiles.count, 64, 64, 1]);
      const { mu, reconstruction } = vae.reconstruct(x);
      const squared = x.sub(reconstruction).mul(valid).square().sum([1, 2, 3]);
      const scores = squared
        .mul(64 * 64)
        .div(valid.sum([1, 2, 3]))
        .sqrt();
      return [scores.dataSync(), mu.square().sum([1]).sqrt().dataSync()] as const;
    });
    vae.dispose();
    const ours = await onnxScores();
    expectAgreement(l2, ours.l2);
    expectAgreement(muNorm, ours.muNorm);
  });
});
