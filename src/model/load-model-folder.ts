import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { OperationalError } from '../domain/errors.js';
import {
  type CalibrationFile,
  calibrationSchema,
  type Manifest,
  manifestSchema,
  type ReferenceFile,
  referenceSchema,
  type ScreeningRecord,
} from './manifest.js';
import { modelHash } from './model-hash.js';

/** Files of a model folder beside `model.json`. */
export const MODEL_FILES = {
  weights: 'weights.safetensors',
  onnx: 'scorer.onnx',
  calibration: 'calibration.json',
  reference: 'reference.json',
  card: 'card.md',
} as const;
/** Of models with a learned scorer of hardware. */
export const HARDWARE_FILE = 'hardware.onnx';
/** Graphs in whole numbers, to screen with: of folders that have bounds of their errors. */
export const SCREEN_FILES = { scorer: 'scorer.int8.onnx', hardware: 'hardware.int8.onnx' } as const;
const TRACKS_SCORES: ReadonlySet<string> = new Set(['tracks', 'z_tracks']);
export const MANIFEST_FILE = 'model.json';

/** What a model screens with. */
export interface ModelScreening {
  readonly scorerPath: string;
  /** Null where the model has no learned scorer. */
  readonly hardwarePath: string | null;
  /** Whether the default score is made of the logits of tracks, so that screening must tell of them. */
  readonly tracks: boolean;
  readonly bounds: ScreeningRecord;
}

/** A model folder whose every checksum was right when it was opened. */
export interface ModelFolder {
  /** `<name>@<hash>`, as scans and detections name it. */
  readonly id: string;
  readonly dir: string;
  readonly manifest: Manifest;
  /** Graph to score with; reads the weights beside it. */
  readonly onnxPath: string;
  /** Graph of the learned scorer of hardware, its weights in the same file; null where the model has none. */
  readonly hardwarePath: string | null;
  /** Graphs to screen with and how far they may be off; null in a folder without them. */
  readonly screening: ModelScreening | null;
  readonly weightsPath: string;
  readonly calibration: CalibrationFile;
  readonly reference: ReferenceFile;
}

/**
 * Opens a model folder and checks every file in it.
 * @throws OperationalError (`bad_model`) naming the file that is missing, unreadable or altered.
 */
export async function loadModelFolder(dir: string): Promise<ModelFolder> {
  const manifest = await readJson(path.join(dir, MANIFEST_FILE), manifestSchema);
  for (const file of Object.values(MODEL_FILES)) {
    if (manifest.files[file] === undefined)
      throw badModel(`${path.join(dir, MANIFEST_FILE)} has no checksum of ${file}`);
  }
  for (const [file, expected] of Object.entries(manifest.files)) {
    const size = await stat(path.join(dir, file)).catch((error: unknown) => {
      throw badModel(`${path.join(dir, file)} cannot be read`, error);
    });
    // What is no file, such as a device, might have no end to take a checksum of.
    const isWhole = size.isFile() && size.size === expected.bytes;
    if (!isWhole || (await checksum(path.join(dir, file))) !== expected.sha256)
      throw badModel(`${path.join(dir, file)} does not have the checksum of its ${MANIFEST_FILE}`);
  }
  const weights = manifest.files[MODEL_FILES.weights]?.sha256 ?? '';
  if (modelHash(manifest.architecture, manifest.normalisation, weights) !== manifest.hash) {
    throw badModel(
      `${path.join(dir, MANIFEST_FILE)} names the hash ${manifest.hash}, which is not that of its weights and architecture`,
    );
  }
  const reference = await readJson(path.join(dir, MODEL_FILES.reference), referenceSchema);
  const { channels } = manifest.architecture;
  if (
    Buffer.byteLength(reference.tiles, 'base64') !==
    channels * Buffer.byteLength(reference.valid, 'base64')
  )
    throw badModel(`${path.join(dir, MODEL_FILES.reference)} has no tiles of ${channels} channels`);
  return {
    id: `${manifest.name}@${manifest.hash}`,
    dir,
    manifest,
    onnxPath: path.join(dir, MODEL_FILES.onnx),
    hardwarePath: manifest.files[HARDWARE_FILE] === undefined ? null : path.join(dir, HARDWARE_FILE),
    screening: screeningOf(dir, manifest),
    weightsPath: path.join(dir, MODEL_FILES.weights),
    calibration: await readJson(path.join(dir, MODEL_FILES.calibration), calibrationSchema),
    reference,
  };
}

/** Null where a graph that the model would need is missing: then nothing is screened. */
function screeningOf(dir: string, { files, screening, score }: Manifest): ModelScreening | null {
  const at = (file: string): string | null => (files[file] === undefined ? null : path.join(dir, file));
  const scorerPath = at(SCREEN_FILES.scorer);
  const hardwarePath = at(SCREEN_FILES.hardware);
  const lacksNet = files[HARDWARE_FILE] !== undefined && hardwarePath === null;
  if (screening === undefined || scorerPath === null || lacksNet) return null;
  return { scorerPath, hardwarePath, tracks: TRACKS_SCORES.has(score), bounds: screening };
}

function badModel(what: string, cause?: unknown): OperationalError {
  return new OperationalError('bad_model', `${what}: fetch or train the model again.`, { cause });
}

async function readJson<S extends z.ZodType>(file: string, schema: S): Promise<z.infer<S>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badModel(`${file} cannot be read`, error);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badModel(`${file} is not JSON`, error);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join('.') ?? '';
  throw badModel(`${file} has no valid ${field || 'content'}`, result.error);
}

async function checksum(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    throw badModel(`${file} cannot be read`, error);
  }
  return hash.digest('hex');
}
