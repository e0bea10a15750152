import { expect, test, vi } from 'vitest';
import { trainToFolder } from '../../src/training/train-to-folder.js';

vi.mock('@tensorflow/tfjs-node-gpu', () => {
  throw new Error("Cannot find module 'tfjs_binding.node'");
});

test('without the native engine training says in one sentence how to build it, before it reads an image', async () => {
  const training = trainToFolder(
    {
      ...{ paths: ['/nowhere'], exclude: [], seed: 1, validation: 0, stride: 32, tilesPerImage: 1 },
      ...{ architecture: { family: 'vae', channels: 1, latent: 8 }, loss: 'squared', beta: 1 },
      ...{ epochs: 1, batch: 1, learningRate: 1e-3, augment: 'none', patience: 1 },
    },
    {
      ...{ out: '/nowhere', name: 'model', command: '', about: '', sun: new Map() },
      ...{ resume: 'if-alike', checkpointEveryS: 600 },
    },
  );
  await expect(training).rejects.toMatchObject({
    code: 'engine_missing',
    message:
      'TensorFlow is not built on this machine: run `npm run engine:tensorflow -- cpu` (or `-- cuda`) once.',
  });
});
