import { scoreReference } from './reference-scores.js';
import { calibrateOnImages, type CalibrationOptions } from './calibrate.js';
import { learningCurves } from './learning-curves.js';
import { CURVES_FILE, modelCard } from './model-card.js';
import type { TrainingImage } from './images.js';
import type { SunDirections } from './sun-directions.js';
import { drawFigure } from '../figures/draw-figure.js';
import type { TrainingRecord } from '../model/manifest.js';
import { type Architecture, TILE_SIZE } from '../model/vae.js';
import type { Weights } from '../model/weights.js';
import { discardModel, type LearnedScorer, sealModel, stageModel } from '../model/write-model-folder.js';
import { createOnnxScorer } from '../scoring/engines/onnx-scorer.js';

export interface NewModel {
  /** Folder that gets `<name>@<hash>`. */
  readonly parent: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** Null for a model that was not trained. */
  readonly training: TrainingRecord | null;
  /** Absent: the model has no learned scorer of hardware. */
  readonly hardware?: LearnedScorer | undefined;
  /** Plain terrain to learn the distribution of scores from. */
  readonly images: Iterable<TrainingImage> | AsyncIterable<TrainingImage>;
  /** Where known, as in a scan: the default score looks along the Sun's direction. */
  readonly sun?: SunDirections;
  /** Angles of the Sun from the zenith by file name, and terrain that stands in where there are no images. */
  readonly lighting?: Pick<CalibrationOptions, 'incidences' | 'standIns'>;
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
      hardwarePath: staged.hardwarePath,
      threads: 1,
      channels,
      tileSize: TILE_SIZE,
    });
    try {
      const reference = await scoreReference(scorer, channels);
      const calibration = await calibrateOnImages(scorer, channels, model.images, model.sun, {
        ...model.lighting,
        score: model.hardware ? 'c' : 'b',
      });
      const card = modelCard(staged.manifest, calibration);
      const pictures = await drawCurves(staged.id, model.training);
      return await sealModel(staged, { calibration, reference, card, pictures });
    } finally {
      await scorer.close();
    }
  } catch (error) {
    await discardModel(staged);
    throw error;
  }
}

async function drawCurves(
  id: string,
  training: TrainingRecord | null,
): Promise<Map<string, string | Uint8Array>> {
  if (training === null) return new Map();
  const { svg, png } = await drawFigure(learningCurves(id, training.epochs, training.bestEpoch));
  return new Map<string, string | Uint8Array>([
    [`${CURVES_FILE}.png`, png],
    [`${CURVES_FILE}.svg`, svg],
  ]);
}
