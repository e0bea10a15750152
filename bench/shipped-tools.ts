import { availableParallelism } from 'node:os';
import type { Config } from '../src/config/schema.js';
import { loadModelFolder } from '../src/model/load-model-folder.js';
import type { ScanTools } from '../src/pipeline/score-image.js';
import { scanOptions } from '../src/pipeline/scan-options.js';
import { createScorePool } from '../src/scoring/create-score-pool.js';
import { shippedModel } from './shipped-model.js';

/** The shipped model with a scoring thread a core; the caller closes its pool. */
export async function openShippedTools(config: Config): Promise<ScanTools> {
  const folder = shippedModel();
  if (folder === null) throw new Error('models/ holds no model');
  const model = await loadModelFolder(folder);
  const { channels, tileSize } = model.manifest.architecture;
  const pool = await createScorePool({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    channels,
    tileSize,
    workers: availableParallelism(),
    batch: 64,
  });
  return { model, pool, options: scanOptions(config, tileSize) };
}
