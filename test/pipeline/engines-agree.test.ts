import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { PixelDetection } from '../../src/domain/detection.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { scanImage } from '../../src/pipeline/scan-image.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { ONNX_ON_CPU, type EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { createScorePool } from '../../src/scoring/create-score-pool.js';
import { planScene } from '../../src/simulation/scene.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { STARTER } from '../support/starter.js';
import { temporaryFolder, tensorFlowIfBuilt } from '../training/support.js';

const WIDTH = 640;
const LINES = 384;
const TOWARDS_SUN = { x: 0.8, y: -0.6 };

const folder = temporaryFolder();
const image = join(folder, 'scene.tif');
let model: ModelFolder;

beforeAll(async () => {
  model = await loadModelFolder(STARTER);
  const scene = planScene({
    ...{ seed: 7, lines: LINES, samples: WIDTH, terrain: 'smooth', frame: 'LEFT', landers: 3 },
    ...{ towardsSun: TOWARDS_SUN, incidenceDeg: 62, pixelAcrossM: 1, pixelAlongM: 1 },
  });
  await writePtif(image, { width: WIDTH, height: LINES }, (firstLine, count) =>
    scene.render(firstLine, count),
  );
});

/** The image's detections by an engine, cut into strips and batches of the caller's choice. */
async function scan(
  engine: EngineSpec,
  workers: number,
  batch: number,
  stripRows: number,
): Promise<readonly PixelDetection[]> {
  const { architecture } = model.manifest;
  const pool = await createScorePool({
    ...{ modelPath: model.onnxPath, hardwarePath: model.hardwarePath, engine, workers, batch },
    ...{ channels: architecture.channels, tileSize: 64 },
    network: { weightsPath: model.weightsPath, architecture },
  });
  const raster = await openRaster(image, { stretch: model.manifest.normalisation.wide });
  try {
    const options = {
      ...{ size: 64, strideX: 32, strideY: 32, masks: DEFAULT_MASKS, stripRows },
      ...{ threshold: 2, budget: 20, mergeRadiusPx: 12 },
    };
    const found = await scanImage(
      raster,
      TOWARDS_SUN,
      { model, pool, options },
      new AbortController().signal,
    );
    return found.detections;
  } finally {
    await raster.close();
    await pool.close();
  }
}

test('onnxruntime and TensorFlow find the same, whatever the batch, strips and workers', async (context) => {
  if ((await tensorFlowIfBuilt()) === null) return context.skip('TensorFlow is not built');
  const onnx = await scan(ONNX_ON_CPU, 2, 64, 4);
  const tensorflow = await scan({ engine: 'tensorflow', device: 'cpu' }, 1, 13, 2);
  expect(onnx.length).toBeGreaterThan(2);
  expect(tensorflow.map(({ peak }) => peak)).toEqual(onnx.map(({ peak }) => peak));
  tensorflow.forEach(({ score, scores }, i) => {
    for (const name of ['l2', 'mu_norm'] as const)
      expect(Math.abs(scores[name]! / onnx[i]!.scores[name]! - 1), name).toBeLessThan(1e-4);
    // Logits are kept in thousandths, of which engines may take two neighbours.
    expect(Math.abs(score / onnx[i]!.score - 1)).toBeLessThan(1e-3);
  });
});
