import { readFile } from 'node:fs/promises';
import { readSafetensors } from '../../model/safetensors.js';
import type { ModelFolder } from '../../model/load-model-folder.js';
import type { HardwareRecord } from '../../model/manifest.js';
import { listImages } from '../image-files.js';
import { readImages, type TrainingImage } from '../images.js';
import { makeModel } from '../make-model.js';
import type { SunDirections } from '../sun-directions.js';
import { type NetProgress, trainHardwareNet, type NetTrainingOptions } from './train-net.js';
import type { Terrain } from './terrain-patch.js';

export interface HardwareRequest {
  /** Folder that gets `<name>@<hash>`. */
  readonly out: string;
  readonly name: string;
  /** As typed, for the card. */
  readonly command: string;
  /** Images or folders of plain terrain: hardware is drawn into those whose Sun is known, all of them calibrate. */
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly sun: SunDirections;
  readonly terrains: readonly Terrain[];
  /** How many of the terrains, the last ones, are synthetic. */
  readonly syntheticScenes: number;
  /** Synthetic scenes that the graphs in whole numbers are measured on beside the images. */
  readonly scenes?: Iterable<TrainingImage>;
}

/** Of a long image so many lines in its middle calibrate. */
const CALIBRATION_LINES = 2048;

/** Trains the learned scorer of hardware and makes a model folder of it and a given model's VAE. @returns the folder */
export async function addHardwareNet(
  base: ModelFolder,
  options: NetTrainingOptions,
  request: HardwareRequest,
  listener: { progress?(progress: NetProgress): void; readonly signal?: AbortSignal } = {},
): Promise<{ folder: string; training: HardwareRecord }> {
  const { terrains, syntheticScenes } = request;
  const result = await trainHardwareNet(terrains, options, listener);
  const { seed, steps, batch, learningRate } = options;
  const training: HardwareRecord = {
    command: request.command,
    engine: result.engine,
    ...{ seed, steps, batch, learningRate },
    images: terrains.slice(0, terrains.length - syntheticScenes).map(({ name }) => name),
    syntheticScenes,
    seconds: result.seconds,
    losses: [...result.losses],
  };
  const { family, channels, latent } = base.manifest.architecture;
  const files = await listImages(request.paths, request.exclude);
  const folder = await makeModel({
    parent: request.out,
    name: request.name,
    architecture: { family, channels, latent },
    weights: readSafetensors(await readFile(base.weightsPath), base.weightsPath),
    training: base.manifest.training,
    hardware: { weights: result.weights, training },
    images: readImages(files, channels, CALIBRATION_LINES),
    sun: request.sun,
    ...(request.scenes && { scenes: request.scenes }),
  });
  return { folder, training };
}
