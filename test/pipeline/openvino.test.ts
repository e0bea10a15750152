import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ScanMode } from '../../src/domain/scan.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { scanImage, type ImageScan } from '../../src/pipeline/scan-image.js';
import { Screening } from '../../src/pipeline/screening.js';
import { engineUse } from '../../src/scoring/engine-use.js';
import { ONNX_ON_CPU, OPENVINO_ON_CPU, type EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { createScorePool } from '../../src/scoring/create-score-pool.js';
import { partBounds } from '../../src/scoring/screen-bounds.js';
import { planScene } from '../../src/simulation/scene.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { openVinoScreens } from '../scoring/support.js';
import { STARTER } from '../support/starter.js';
import { temporaryFolder } from '../training/support.js';
import { rasterOf, type Picture } from './mode-support.js';

const folder = temporaryFolder();
let model: ModelFolder;
let picture: Picture;

beforeAll(async () => {
  model = await loadModelFolder(STARTER);
  const [width, height] = [640, 512];
  const towardsSun = { x: 0.8, y: -0.6 };
  const scene = planScene({
    ...{ seed: 7, lines: height, samples: width, terrain: 'smooth', frame: 'LEFT', landers: 3 },
    ...{ towardsSun, incidenceDeg: 62, pixelAcrossM: 1, pixelAlongM: 1 },
  });
  picture = { width, height, data: scene.render(0, height), towardsSun };
});

interface Run {
  readonly engine: EngineSpec;
  readonly mode: ScanMode;
  /** Runs of its graphs after which each thread's OpenVINO fails. */
  readonly failsAfter?: number;
}

async function scan({ engine, mode, failsAfter }: Run): Promise<ImageScan & { engine: string }> {
  const { architecture } = model.manifest;
  const { bounds } = model.screening!;
  const entry = join(folder, `fails-after-${failsAfter}.mjs`);
  const worker = new URL('./faulty-openvino-worker.js', import.meta.url).href;
  writeFileSync(entry, `globalThis.runs = ${failsAfter}; await import('${worker}');`);
  const pool = await createScorePool({
    ...{ modelPath: model.onnxPath, hardwarePath: model.hardwarePath, screening: model.screening },
    ...{ channels: architecture.channels, tileSize: 64, batch: 32, workers: 2, engine },
    network: { weightsPath: model.weightsPath, architecture },
    ...(failsAfter !== undefined && {
      entry: pathToFileURL(entry),
      fallback: { engine: ONNX_ON_CPU, workers: 2 },
    }),
  });
  try {
    const options = {
      ...{ size: 64, strideX: 32, strideY: 32, masks: DEFAULT_MASKS, stripRows: 4, mode },
      ...{ threshold: 2, budget: 10, mergeRadiusPx: 12, sampleTiles: 100 },
    };
    const use = engineUse(pool);
    const screening = new Screening((part, value) => partBounds(bounds, part, value), null);
    const tools = { model, pool: use, options, screening };
    const { towardsSun } = picture;
    const found = await scanImage(rasterOf(picture), towardsSun, tools, new AbortController().signal);
    return { ...found, engine: use.info.engine };
  } finally {
    await pool.close();
  }
}

describe.skipIf(!openVinoScreens())('a scan by OpenVINO', () => {
  test('detects in every mode what it detects in fp32, field by field', async () => {
    const exact = await scan({ engine: OPENVINO_ON_CPU, mode: 'exact' });
    expect(exact.detections.length).toBeGreaterThan(2);
    for (const mode of ['full', 'cascade'] as const) {
      const screened = await scan({ engine: OPENVINO_ON_CPU, mode });
      expect(screened.screening.approximate, mode).toBeGreaterThan(0);
      expect(screened.screening.beyond, mode).toBe(0);
      expect(screened.detections, mode).toEqual(exact.detections);
      expect(screened.statistics, mode).toEqual(exact.statistics);
    }
  });

  test('detects what onnxruntime detects, at the same places and with nearly the same scores', async () => {
    const onnx = await scan({ engine: ONNX_ON_CPU, mode: 'full' });
    const openvino = await scan({ engine: OPENVINO_ON_CPU, mode: 'full' });
    expectAlike(openvino, onnx);
  });

  test('that fails in the middle of screening goes on with onnxruntime within the same bounds', async () => {
    const whole = await scan({ engine: OPENVINO_ON_CPU, mode: 'full' });
    const halves = await scan({ engine: OPENVINO_ON_CPU, mode: 'full', failsAfter: 9 });
    expect(halves.engine).toBe('openvino+onnxruntime');
    expect(halves.screening).toMatchObject({ mode: 'full', beyond: 0 });
    expectAlike(halves, whole);
  });
});

function expectAlike(a: ImageScan, b: ImageScan): void {
  expect(b.detections.length).toBeGreaterThan(2);
  expect(a.detections.map(({ peak }) => peak)).toEqual(b.detections.map(({ peak }) => peak));
  a.detections.forEach(({ score, scores }, i) => {
    for (const name of ['l2', 'mu_norm'] as const)
      expect(Math.abs(scores[name]! / b.detections[i]!.scores[name]! - 1), name).toBeLessThan(1e-4);
    // Logits are kept in thousandths, of which engines may take two neighbours.
    expect(Math.abs(score / b.detections[i]!.score - 1)).toBeLessThan(1e-3);
  });
}
