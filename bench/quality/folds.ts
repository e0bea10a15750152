import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE } from '../../src/model/load-model-folder.js';

/**
 * Cross-validation by image: the models of a fold never saw its crops. Frames of one orbit stay together. The
 * boulder field is in no training set and is scored by the first fold's.
 */
export const FOLDS: readonly (readonly string[])[] = [
  ['M180000082', 'M180007222', 'M115143943', 'M134022629'],
  ['M161142858', 'M161149639', 'M1229577647', 'M1266003170'],
  ['M1183658592', 'M1275410097', 'M1155395732', 'M1231933714'],
];
/** In no training set. */
export const NEVER_TRAINED = 'M143947267L';
/** Where `quality/train-folds` puts the models; not in the repository. */
export const FOLD_FOLDER = 'bench/.folds';

/** Index of the fold whose models score a crop. */
export function foldOf(crop: string): number {
  const fold = FOLDS.findIndex((names) => names.includes(crop));
  return Math.max(fold, 0);
}

/** Names of the crops that a fold's models may learn from. */
export function trainingCrops(fold: number): string[] {
  return FOLDS.filter((_, i) => i !== fold).flat();
}

/**
 * The model folders `fold<n>@<hash>` in a directory, newest name last; null where a fold has none.
 * A fold with several models has been extended: that with a hardware net counts, else the last by name.
 */
export function foldModels(directory: string): (string | null)[] {
  const names = existsSync(directory) ? readdirSync(directory).sort() : [];
  return FOLDS.map((_, i) => {
    const found = names
      .filter((name) => name.startsWith(`fold${i + 1}@`) || name.startsWith(`fold${i + 1}-hardware@`))
      .map((name) => join(directory, name))
      .filter((folder) => existsSync(join(folder, MANIFEST_FILE)));
    return found.find((folder) => folder.includes('-hardware@')) ?? found.at(-1) ?? null;
  });
}
