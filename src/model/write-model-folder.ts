import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_STRETCH } from '../domain/raster.js';
import { exportHardwareNet } from './export-hardware.js';
import { exportScorer } from './export-onnx.js';
import { HARDWARE_FILE, MANIFEST_FILE, MODEL_FILES, SCREEN_FILES } from './load-model-folder.js';
import type {
  CalibrationFile,
  HardwareRecord,
  Manifest,
  ReferenceFile,
  ScreeningRecord,
  TrainingRecord,
} from './manifest.js';
import { modelHash, sha256 } from './model-hash.js';
import { locateTensors, readSafetensors, type StoredType, writeSafetensors } from './safetensors.js';
import { type Architecture, TILE_SIZE } from './architecture.js';
import type { Weights } from './weights.js';

/** A model on its way into its folder: its weights and graph are written, so that it can be scored with. */
export interface StagedModel {
  readonly dir: string;
  readonly id: string;
  readonly onnxPath: string;
  /** Graph of the learned scorer of hardware, where there is one. */
  readonly hardwarePath: string | null;
  /** Rounded as they are stored: whatever is computed of the model is computed of these. */
  readonly weights: Weights;
  readonly manifest: Omit<Manifest, 'files'>;
}

export interface SealingParts {
  readonly calibration: CalibrationFile;
  readonly reference: ReferenceFile;
  /** Markdown. */
  readonly card: string;
  /** Of the graphs in whole numbers that lie in the staged folder; absent where there are none. */
  readonly screening?: ScreeningRecord | undefined;
  /** Files that the card shows, by name. */
  readonly pictures?: ReadonlyMap<string, string | Uint8Array>;
}

/** Matrices in half precision, which halves the folder; vectors, the running statistics among them, in single. */
export const storedTypeOf =
  (weights: Weights) =>
  (name: string): StoredType =>
    (weights.get(name)?.shape.length ?? 0) > 1 ? 'F16' : 'F32';

/** The net that `train-hardware` adds to a model. */
export interface LearnedScorer {
  readonly weights: Weights;
  readonly training: HardwareRecord;
}

/** Writes weights and graph of a new model into a hidden folder beside its future place. */
export async function stageModel(
  parent: string,
  model: {
    name: string;
    architecture: Architecture;
    weights: Weights;
    training: TrainingRecord | null;
    hardware?: LearnedScorer | undefined;
  },
): Promise<StagedModel> {
  const { family, channels, latent } = model.architecture;
  if (channels !== 1 && channels !== 3) throw new Error(`A model has 1 or 3 channels, not ${channels}.`);
  await mkdir(parent, { recursive: true });
  const dir = await mkdtemp(path.join(parent, '.new-model-'));
  const { hardware } = model;
  const weights: Weights = new Map([...model.weights, ...(hardware?.weights ?? [])]);
  const bytes = writeSafetensors(weights, storedTypeOf(weights));
  await writeFile(path.join(dir, MODEL_FILES.weights), bytes);
  const onnxPath = path.join(dir, MODEL_FILES.onnx);
  const tensors = locateTensors(bytes, MODEL_FILES.weights);
  await writeFile(onnxPath, exportScorer(model.architecture, tensors, MODEL_FILES.weights));

  const hardwarePath = hardware ? path.join(dir, HARDWARE_FILE) : null;
  if (hardwarePath !== null) await writeFile(hardwarePath, exportHardwareNet(tensors, MODEL_FILES.weights));
  const architecture = { family, channels, latent, tileSize: TILE_SIZE } as const;
  const normalisation = { divisor: 255, wide: DEFAULT_STRETCH } as const;
  const hash = modelHash(architecture, normalisation, sha256(bytes));
  return {
    dir,
    id: `${model.name}@${hash}`,
    onnxPath,
    hardwarePath,
    weights: readSafetensors(bytes, MODEL_FILES.weights),
    manifest: {
      format: 1,
      name: model.name,
      hash,
      architecture,
      normalisation,
      score: hardware ? 'c' : 'b',
      training: model.training,
      ...(hardware && { hardware: hardware.training }),
    },
  };
}

/**
 * Completes a staged model and moves it to `<parent>/<name>@<hash>`, replacing a folder of that name.
 * @returns the folder.
 */
export async function sealModel(staged: StagedModel, parts: SealingParts): Promise<string> {
  await writeFile(path.join(staged.dir, MODEL_FILES.calibration), toJson(parts.calibration));
  await writeFile(path.join(staged.dir, MODEL_FILES.reference), toJson(parts.reference));
  await writeFile(path.join(staged.dir, MODEL_FILES.card), parts.card);
  const pictures = parts.pictures ?? new Map<string, string>();
  for (const [name, content] of pictures) await writeFile(path.join(staged.dir, name), content);
  const files: Manifest['files'] = {};
  const { screening } = parts;
  const graphs = [
    ...(staged.hardwarePath === null ? [] : [HARDWARE_FILE]),
    ...(screening ? [SCREEN_FILES.scorer] : []),
    ...(screening && staged.hardwarePath !== null ? [SCREEN_FILES.hardware] : []),
  ];
  for (const file of [...Object.values(MODEL_FILES), ...graphs, ...pictures.keys()]) {
    const content = await readFile(path.join(staged.dir, file));
    files[file] = { bytes: content.length, sha256: sha256(content) };
  }
  await writeFile(
    path.join(staged.dir, MANIFEST_FILE),
    toJson({ ...staged.manifest, ...(screening && { screening }), files }),
  );
  // mkdtemp makes folders that only their owner may open.
  await chmod(staged.dir, 0o755);
  const target = path.join(path.dirname(staged.dir), staged.id);
  await rm(target, { recursive: true, force: true });
  await rename(staged.dir, target);
  return target;
}

/** Throws away a staged model. */
export async function discardModel(staged: StagedModel): Promise<void> {
  await rm(staged.dir, { recursive: true, force: true });
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
