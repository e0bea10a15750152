import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { loadTensorFlow, type TensorFlow } from '../../src/model/tensorflow.js';
import type { TrainingImage } from '../../src/training/images.js';

/** tfjs, or null after printing why not. */
export async function tensorFlowIfBuilt(): Promise<TensorFlow | null> {
  try {
    return await loadTensorFlow();
  } catch (error) {
    console.log(`Left out: ${(error as Error).message}`);
    return null;
  }
}

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'selenoscan-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Rolling ground with noise, grey. */
export function groundImage(name: string, width: number, height: number, seed: number): TrainingImage {
  const random = createRandom(seed);
  const phase = 6 * random.uniform();
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    const x = i % width;
    const y = (i - x) / width;
    const wave = 30 * Math.sin(x / 9 + phase) * Math.cos(y / 13 - phase);
    pixels[i] = Math.min(Math.max(Math.round(110 + wave + 8 * random.normal()), 0), 255);
  }
  return { name, width, height, channels: 1, pixels, exactNulls: false };
}
