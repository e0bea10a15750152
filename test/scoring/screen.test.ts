import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { screeningScenes } from '../../src/cli/screening-scenes.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { partBounds, type ScreenPart } from '../../src/scoring/screen-bounds.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { listImages } from '../../src/training/image-files.js';
import { readImages } from '../../src/training/images.js';
import { measureErrors } from '../../src/training/screening/measure-errors.js';
import { TerrainSample } from '../../src/training/screening/terrain-sample.js';
import { makeTileSet, type TileSet } from '../../src/training/screening/tile-set.js';

const CROPS = '../shared/data/nac';
const AREA = 64 * 64;
/** Not the seeds that the shipped bounds were measured with. */
const SAMPLE_SEED = 31;
const TILE_SEED = 32;

let model: ModelFolder;
let scorer: Scorer;
beforeAll(async () => {
  const name = readdirSync('models').find((entry) => entry.startsWith('starter@')) ?? '';
  model = await loadModelFolder(path.resolve('models', name));
  scorer = await createOnnxScorer({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    screening: model.screening,
    threads: 1,
    channels: 1,
    tileSize: 64,
  });
});
afterAll(() => scorer.close());

/** At most so many tiles of a set, which is in no order. */
function some({ pixels, valid, peaks, count }: TileSet, most: number): TileSet {
  const kept = Math.min(count, most);
  return {
    count: kept,
    pixels: pixels.subarray(0, kept * AREA),
    valid: valid.subarray(0, kept * AREA),
    peaks: peaks.subarray(0, 2 * kept),
  };
}

async function expectNoEscape(set: TileSet): Promise<void> {
  const parts = await measureErrors(scorer, 1, set);
  expect([...parts.keys()].sort()).toEqual(
    (['bright', 'bright_peak', 'l2', 'lander', 'mu_norm', 'small', 'tracks'] satisfies ScreenPart[]).sort(),
  );
  for (const [part, pairs] of parts) {
    const escaped = pairs.filter(({ screened, exact }) => {
      const { lo, hi } = partBounds(model.screening!.bounds, part, screened);
      return exact < lo || exact > hi;
    });
    expect(escaped, part).toEqual([]);
  }
}

describe('the shipped model’s graphs in whole numbers', () => {
  test('stay within their bounds on synthetic ground and hardware', async () => {
    const sample = new TerrainSample(SAMPLE_SEED);
    for (const scene of screeningScenes(1)) sample.see(scene);
    await expectNoEscape(some(makeTileSet(sample.windows, TILE_SEED), 256));
  }, 120_000);

  test('stay within their bounds on real crops, boulder fields among them', async (context) => {
    if (!existsSync(CROPS)) return context.skip(`${CROPS} is not here`);
    const sample = new TerrainSample(SAMPLE_SEED);
    for await (const image of readImages(await listImages([CROPS], []), 1)) sample.see(image);
    await expectNoEscape(some(makeTileSet(sample.windows, TILE_SEED), 384));
  }, 120_000);

  test('score a tile alike whatever the batch', async () => {
    const sample = new TerrainSample(SAMPLE_SEED);
    for (const scene of screeningScenes(1)) {
      sample.see(scene);
      break;
    }
    const { pixels, valid, peaks } = some(makeTileSet(sample.windows, TILE_SEED), 37);
    const octants = Float32Array.from({ length: 37 }, (_, i) => (i / 18 - 1) * 0.9);
    const whole = await scorer.screen!({ count: 37, pixels, valid }, peaks);
    const wholeNet = await scorer.screenHardware!({ count: 37, pixels, octants });
    for (const [from, to] of [
      [0, 1],
      [1, 6],
      [6, 37],
    ] as const) {
      const count = to - from;
      const part = pixels.slice(from * AREA, to * AREA);
      const scores = await scorer.screen!(
        { count, pixels: part, valid: valid.slice(from * AREA, to * AREA) },
        peaks.slice(2 * from, 2 * to),
      );
      for (const name of ['l2', 'muNorm', 'bright', 'brightPeak'] as const)
        scores[name].forEach((value, i) =>
          expect(Math.abs(value - whole[name][from + i]!)).toBeLessThan(1e-5),
        );
      const net = await scorer.screenHardware!({ count, pixels: part, octants: octants.slice(from, to) });
      for (const [name, each] of [
        ['bodies', 512],
        ['tracks', 64],
      ] as const)
        expect(net[name]).toEqual(wholeNet[name].slice(from * each, to * each));
    }
  }, 60_000);
});
