import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { initialWeights } from '../../src/model/initial-weights.js';
import { stageModel } from '../../src/model/write-model-folder.js';

/** A process of its own, because the engine looks at its environment once. */
async function scoreIn(home: string, modelPath: string): Promise<void> {
  const entry = new URL('../../dist/scoring/create-score-pool.js', import.meta.url).href;
  const options = { modelPath, hardwarePath: null, channels: 1, tileSize: 64, workers: 1, batch: 1 };
  const script = `import(${JSON.stringify(entry)})
    .then(({ createScorePool }) => createScorePool(${JSON.stringify(options)}))
    .then((pool) => pool.close())`;
  const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, XDG_CACHE_HOME: join(home, 'cache') };
  delete env['ORT_DISABLE_TELEMETRY'];
  await promisify(execFile)(process.execPath, ['-e', script], { env });
}

it('scores without the engine’s keeping records of this machine for its maker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'selenoscan-privacy-'));
  try {
    const architecture = { family: 'vae', channels: 1, latent: 64 } as const;
    const weights = initialWeights(architecture, 1);
    const { onnxPath } = await stageModel(folder, { name: 'test', architecture, weights, training: null });
    const home = await mkdtemp(join(folder, 'home-'));
    await scoreIn(home, onnxPath);
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
