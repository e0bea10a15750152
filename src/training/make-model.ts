import { scoreReference } from './reference-scores.js';
import { calibrateOnImages } from './calibrate.js';
import { modelCard } from './model-card.js';
import type { TrainingImage } from './images.js';
import type { SunDirections } from './sun-directions.js';
import type { TrainingRecord } from '../model/manifest.js';
import type { Architecture } from '../model/vae.js';
import type { Weights } from '../model/weights.js';
import { discardModel, sealModel, stageModel } from '../model/write-model-folder.js';
import { createOnnxScorer } from '../scoring/onnx-scorer.js';
import { TILE_SIZE } from '../model/vae.js';

export interface NewModel {
  /** Folder that gets `<name>@<hash>`. */
  readonly parent: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** Null for a model that was not trained. */
  readonly training: TrainingRecord | null;
  /** Plain terrain to learn the distribution of scores from. */
  readonly images: readonly TrainingImage[];
  /** Where known, as in a scan: the default score looks along the Sun's direction. */
  readonly sun?: SunDirections;
}

/**
 * Makes a model folder: rounds the weights, writes the graph, then scores with that graph whatever the folder
 * says of the model.
 * @returns the folder `<parent>/<name>@<hash>`.
 */
export async function makeModel(model: NewModel): Promise<string> {
  const staged = await stageModel(model.parent, model);
  try {
    const { channels } = model.architecture;
    const scorer = await createOnnxScorer({
      modelPath: staged.onnxPath,
      threads: 1,
      channels,
      tileSize: TILE_SIZE,
    });
    try {
      const reference = await scoreReference(scorer, channels);
      const calibration = await calibrateOnImages(scorer, channels, model.images, model.sun);
      const card = modelCard(staged.manifest, calibration);
      return await sealModel(staged, { calibration, reference, card });
    } finally {
      await scorer.close();
    }
  } catch (error) {
    await discardModel(staged);
    throw error;
  }
}
