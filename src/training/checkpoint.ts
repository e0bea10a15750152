import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeSafetensors } from '../model/safetensors.js';
import type { Weights } from '../model/weights.js';
import type { Epoch } from './train-model.js';

/**
 * Writes `last.safetensors` (single precision), `best.safetensors` where this epoch is the best, and the losses so
 * far to `epochs.json`. A file is there whole or not at all.
 */
export async function writeCheckpoint(
  folder: string,
  weights: Weights,
  epochs: readonly Epoch[],
  isBest: boolean,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = writeSafetensors(weights, () => 'F32');
  await writeWhole(path.join(folder, 'last.safetensors'), bytes);
  if (isBest) await writeWhole(path.join(folder, 'best.safetensors'), bytes);
  await writeWhole(path.join(folder, 'epochs.json'), `${JSON.stringify(epochs, null, 2)}\n`);
}

async function writeWhole(file: string, content: string | Buffer): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, content);
  await rename(partial, file);
}
