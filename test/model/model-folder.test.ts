import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { initialWeights } from '../../src/model/initial-weights.js';
import { loadModelFolder, MODEL_FILES, SCREEN_FILES } from '../../src/model/load-model-folder.js';
import type { Manifest } from '../../src/model/manifest.js';
import { locateTensors } from '../../src/model/safetensors.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { exportModel } from '../../src/training/export-model.js';
import { makeModel } from '../../src/training/make-model.js';
import { groundImage, temporaryFolder } from '../training/support.js';

const parent = temporaryFolder();
const images = [groundImage('ground', 416, 416, 1)];
const make = (seed: number, channels = 1): Promise<string> => {
  const architecture = { family: 'vae', channels, latent: 8 } as const;
  const weights = initialWeights(architecture, seed);
  return makeModel({ parent, name: 'test', architecture, weights, training: null, images });
};
let folder: string;
beforeAll(async () => {
  folder = await make(1);
});

/** A copy of the folder in which one file was changed. */
function altered(file: string, change: (file: string) => void): string {
  const copy = path.join(temporaryCopies, `${file}-${Math.random().toString(36).slice(2)}`);
  cpSync(folder, copy, { recursive: true });
  change(path.join(copy, file));
  return copy;
}
const temporaryCopies = temporaryFolder();

describe('a model folder', () => {
  test('opens with its name, its calibration and its reference scores', async () => {
    const model = await loadModelFolder(folder);
    expect(model.id).toBe(path.basename(folder));
    expect(model.id).toMatch(/^test@[0-9a-f]{12}$/);
    expect(model.calibration.score).toBe('b');
    expect(model.reference.l2).toHaveLength(model.reference.count);
  });

  test('has the same name for the same weights and another one for others', async () => {
    expect(await make(1)).toBe(folder);
    expect(await make(2)).not.toBe(folder);
  });

  test('can be screened with by bounds of every score that it gives, and is opened without them, too', async () => {
    const model = await loadModelFolder(folder);
    expect(model.screening?.hardwarePath).toBeNull();
    expect(Object.keys(model.screening?.bounds.parts ?? {}).sort()).toEqual([
      'bright',
      'bright_peak',
      'l2',
      'mu_norm',
    ]);
    const copy = path.join(temporaryCopies, 'without-screening');
    cpSync(folder, copy, { recursive: true });
    const file = path.join(copy, 'model.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    writeFileSync(file, JSON.stringify({ ...manifest, screening: undefined }));
    expect((await loadModelFolder(copy)).screening).toBeNull();
  });

  test('must be told of tracks by what screens only where its default score is made of them', async () => {
    const copy = path.join(temporaryCopies, 'other-scores');
    cpSync(folder, copy, { recursive: true });
    const file = path.join(copy, 'model.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const told: Record<string, boolean | undefined> = {};
    for (const score of ['b', 'c', 'z_small', 'tracks', 'z_tracks']) {
      writeFileSync(file, JSON.stringify({ ...manifest, score }));
      told[score] = (await loadModelFolder(copy)).screening?.tracks;
    }
    expect(told).toEqual({ b: false, c: false, z_small: false, tracks: true, z_tracks: true });
  });

  test('keeps its name, its calibration and what it screens with when its graphs are generated anew', async () => {
    const copy = path.join(temporaryCopies, path.basename(folder));
    cpSync(folder, copy, { recursive: true });
    const again = await exportModel(copy, images, 'the same ground');
    const before = await loadModelFolder(folder);
    expect(again.dir).toBe(copy);
    expect(again.id).toBe(before.id);
    expect(again.calibration).toEqual(before.calibration);
    expect(again.manifest.files[SCREEN_FILES.scorer]).toEqual(before.manifest.files[SCREEN_FILES.scorer]);
    expect(again.screening?.bounds.about).toBe('the same ground');
    await expect(exportModel(copy, [groundImage('small', 96, 96, 2)], '')).rejects.toThrow(
      /at least 128 pixels a side/,
    );
  });

  test('keeps one copy of its weights: the graph refers to them', () => {
    const bytes = (file: string): Buffer => readFileSync(path.join(folder, file));
    expect(bytes(MODEL_FILES.onnx).length).toBeLessThan(40_000);
    const types = [...locateTensors(bytes(MODEL_FILES.weights), 'w')].map(([name, { type, shape }]) => [
      name,
      type,
      shape.length,
    ]);
    expect(types.every(([, type, rank]) => type === (Number(rank) > 1 ? 'F16' : 'F32'))).toBe(true);
  });

  test.each(Object.values(MODEL_FILES))(
    'is refused by name when %s was altered or is missing',
    async (file) => {
      const appended = altered(file, (changed) => writeFileSync(changed, 'x', { flag: 'a' }));
      await expect(loadModelFolder(appended)).rejects.toThrow(
        new RegExp(`${file} does not have the checksum`),
      );
      const without = altered(file, (removed) => rmSync(removed));
      await expect(loadModelFolder(without)).rejects.toThrow(
        new RegExp(`${file} cannot be read: fetch or train`),
      );
    },
  );

  test('is refused when its architecture or normalisation was altered, which no checksum covers', async () => {
    const changed = altered('model.json', (file) =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"latent": 8', '"latent": 16')),
    );
    await expect(loadModelFolder(changed)).rejects.toThrow(
      /model\.json names the hash .* not that of its weights/,
    );
    const stretched = altered('model.json', (file) =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"headroom": 0.5', '"headroom": 0.6')),
    );
    await expect(loadModelFolder(stretched)).rejects.toThrow(/model\.json names the hash/);
    const broken = altered('model.json', (file) => writeFileSync(file, '{"format": 2}'));
    await expect(loadModelFolder(broken)).rejects.toThrow(/model\.json has no valid format/);
  });
});

describe('the scorer’s graph', () => {
  test('scores a tile alike alone and among others, and lost pixels not at all', async () => {
    const scorer = await createOnnxScorer({
      modelPath: path.join(folder, MODEL_FILES.onnx),
      threads: 1,
      channels: 1,
      tileSize: 64,
    });
    const area = 64 * 64;
    const pixels = groundImage('g', 64, 128, 4).pixels;
    const valid = new Uint8Array(2 * area).fill(1);
    valid.fill(0, 0, 640);
    const both = await scorer.score({ count: 2, pixels, valid });
    const alone = await scorer.score({ count: 1, pixels: pixels.slice(area), valid: valid.slice(area) });
    expect(both.l2[1]).toBeCloseTo(alone.l2[0] ?? NaN, 5);
    expect(both.bright[1]).toBeCloseTo(alone.bright[0] ?? NaN, 6);

    const { reconstruction, l2, mu, muNorm, bright } = await scorer.explain({ count: 2, pixels, valid });
    const errors = Array.from({ length: area }, (_, i) =>
      valid[i] === 0 ? 0 : (pixels[i] ?? 0) / 255 - (reconstruction[i] ?? 0),
    );
    const squared = errors.reduce((sum, error) => sum + error * error, 0);
    expect(l2[0]).toBeCloseTo(Math.sqrt((squared * area) / (area - 640)), 4);
    expect(muNorm[0]).toBeCloseTo(Math.hypot(...mu.subarray(0, 8)), 5);
    expect(bright[0]).toBeLessThanOrEqual(Math.max(...errors));

    const nothing = await scorer.score({
      count: 1,
      pixels: pixels.slice(0, area),
      valid: new Uint8Array(area),
    });
    expect([nothing.l2[0], nothing.bright[0]]).toEqual([0, 0]);
    await scorer.close();
  });

  test('takes three channels', async () => {
    const colour = await loadModelFolder(await make(1, 3));
    const scorer = await createOnnxScorer({
      modelPath: colour.onnxPath,
      threads: 1,
      channels: 3,
      tileSize: 64,
    });
    const pixels = Uint8Array.from(Buffer.from(colour.reference.tiles, 'base64'));
    const valid = Uint8Array.from(Buffer.from(colour.reference.valid, 'base64'));
    const { l2 } = await scorer.score({ count: colour.reference.count, pixels, valid });
    colour.reference.l2.forEach((value, i) => expect(l2[i]).toBeCloseTo(value, 4));
    await scorer.close();
  });
});
