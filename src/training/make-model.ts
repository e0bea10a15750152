import { scoreReference } from './reference-scores.js';
import { calibrateOnImages, type CalibrationOptions } from './calibrate.js';
import { learningCurves } from './learning-curves.js';
import { CURVES_FILE, modelCard } from './model-card.js';
import type { TrainingImage } from './images.js';
import { addScreening } from './screening/add-screening.js';
import { TerrainSample } from './screening/terrain-sample.js';
import type { SunDirections } from './sun-directions.js';
import { drawFigure } from '../figures/draw-figure.js';
import type { ScreeningRecord, TrainingRecord } from '../model/manifest.js';
import { type Architecture, TILE_SIZE } from '../model/architecture.js';
import type { Weights } from '../model/weights.js';
import {
  discardModel,
  type LearnedScorer,
  sealModel,
  type StagedModel,
  stageModel,
} from '../model/write-model-folder.js';
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
  /** Synthetic scenes that the graphs in whole numbers are measured on beside the images. */
  readonly scenes?: Iterable<TrainingImage>;
}

const SAMPLE_SEED = 64;

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
      const sample = new TerrainSample(SAMPLE_SEED);
      for (const scene of model.scenes ?? []) sample.see(scene);
      const images = sample.watch(model.images);
      const calibration = await calibrateOnImages(scorer, channels, images, model.sun, {
        ...model.lighting,
        score: model.hardware ? 'c' : 'b',
      });
      const card = modelCard(staged.manifest, calibration);
      const pictures = await drawCurves(staged.id, model.training);
      const screening = await screeningOf(staged, model.architecture, sample, model.scenes !== undefined);
      return await sealModel(staged, { calibration, reference, card, pictures, screening });
    } finally {
      await scorer.close();
    }
  } catch (error) {
    await discardModel(staged);
    throw error;
  }
}

/** Absent where no image is large enough for a tile at any angle. */
async function screeningOf(
  { dir, weights, hardwarePath }: StagedModel,
  architecture: Architecture,
  { windows }: TerrainSample,
  hasScenes: boolean,
): Promise<ScreeningRecord | undefined> {
  if (windows.length === 0) return undefined;
  const hasHardware = hardwarePath !== null;
  const about = `the images that the model was calibrated on${hasScenes ? ' and synthetic scenes' : ''}`;
  return addScreening({ dir, architecture, weights, hasHardware }, windows, about);
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
