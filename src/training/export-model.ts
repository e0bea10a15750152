import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError, UsageError } from '../domain/errors.js';
import {
  HARDWARE_FILE,
  loadModelFolder,
  MODEL_FILES,
  type ModelFolder,
  SCREEN_FILES,
} from '../model/load-model-folder.js';
import { readSafetensors } from '../model/safetensors.js';
import { discardModel, sealModel, stageModel } from '../model/write-model-folder.js';
import type { TrainingImage } from './images.js';
import { addScreening } from './screening/add-screening.js';
import { TerrainSample } from './screening/terrain-sample.js';

const SAMPLE_SEED = 64;

/**
 * Generates the graphs of a model folder anew from its weights, exact and in whole numbers, and measures the bounds
 * of the latter; weights, calibration, card and so the folder's name stay.
 *
 * @param images of plain terrain to measure on, and `about` where they are from
 * @returns the folder, opened anew
 * @throws OperationalError (`bad_model`) where the folder is damaged, UsageError where no image is large enough
 */
export async function exportModel(
  dir: string,
  images: AsyncIterable<TrainingImage> | Iterable<TrainingImage>,
  about: string,
): Promise<ModelFolder> {
  const model = await loadModelFolder(dir);
  const sample = new TerrainSample(SAMPLE_SEED);
  for await (const image of images) sample.see(image);
  if (sample.windows.length === 0)
    throw new UsageError(
      'No image is at least 128 pixels a side: give larger ones to measure the graphs on.',
    );
  const { name, architecture, training, hardware } = model.manifest;
  const staged = await stageModel(path.dirname(path.resolve(dir)), {
    ...{ name, architecture, training },
    weights: readSafetensors(await readFile(model.weightsPath), model.weightsPath),
    ...(hardware && { hardware: { weights: new Map(), training: hardware } }),
  });
  try {
    if (staged.id !== model.id)
      throw new OperationalError(
        'bad_model',
        `${dir} was written by another version, whose name for its weights is ${model.id} and not ${staged.id}: train the model again.`,
      );
    const screening = await addScreening(
      {
        dir: staged.dir,
        architecture,
        weights: staged.weights,
        hasHardware: staged.hardwarePath !== null,
      },
      sample.windows,
      about,
    );
    const folder = await sealModel(staged, { ...(await partsOf(model)), screening });
    return await loadModelFolder(folder);
  } catch (error) {
    await discardModel(staged);
    throw error;
  }
}

/** What is not generated from the weights. */
async function partsOf(model: ModelFolder): Promise<Omit<Parameters<typeof sealModel>[1], 'screening'>> {
  const generated = new Set<string>([
    ...Object.values(MODEL_FILES),
    HARDWARE_FILE,
    ...Object.values(SCREEN_FILES),
  ]);
  const pictures = new Map<string, Uint8Array>();
  for (const file of Object.keys(model.manifest.files))
    if (!generated.has(file)) pictures.set(file, await readFile(path.join(model.dir, file)));
  const card = await readFile(path.join(model.dir, MODEL_FILES.card), 'utf8');
  return { calibration: model.calibration, reference: model.reference, card, pictures };
}
