import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { screeningScenes } from '../../src/cli/screening-scenes.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { createScorer } from '../../src/scoring/engines/create-scorer.js';
import { ONNX_ON_CPU, OPENVINO_ON_CPU, type EngineSpec } from '../../src/scoring/engines/engine-spec.js';
import { partBounds, SCREEN_PARTS, type ScreenPart } from '../../src/scoring/screen-bounds.js';
import type { Scorer, TopLogits } from '../../src/scoring/scorer.js';
import { listImages } from '../../src/training/image-files.js';
import { readImages } from '../../src/training/images.js';
import { HardwareFinder } from '../../src/scoring/hardware-logits.js';
import { STARTER } from '../support/starter.js';
import { openVinoScreens } from './support.js';
import { measureErrors } from '../../src/training/screening/measure-errors.js';
import { TerrainSample } from '../../src/training/screening/terrain-sample.js';
import { makeTileSet, type TileSet } from '../../src/training/screening/tile-set.js';

const CROPS = '../shared/data/nac';
const AREA = 64 * 64;
/** Not the seeds that the shipped bounds were measured with. */
const SAMPLE_SEED = 31;
const TILE_SEED = 32;

const model: ModelFolder = await loadModelFolder(STARTER);

/** @param tracks whether the default score is taken to be made of the logits of tracks */
function open(spec: EngineSpec, tracks: boolean): Promise<Scorer> {
  const { architecture } = model.manifest;
  const files = {
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    screening: { ...model.screening!, tracks },
    channels: architecture.channels,
    tileSize: 64,
    network: { weightsPath: model.weightsPath, architecture },
  };
  return createScorer(spec, files, 1);
}

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

/** No tile's error is beyond its bound; prints how much of the bounds is used at most. */
async function expectNoEscape(scorer: Scorer, set: TileSet): Promise<void> {
  const parts = await measureErrors(scorer, 1, set);
  expect([...parts.keys()].sort()).toEqual([...SCREEN_PARTS].sort());
  const used = {} as Record<ScreenPart, number>;
  for (const [part, pairs] of parts) {
    const escaped = pairs.filter(({ screened, exact }) => {
      const { lo, hi } = partBounds(model.screening!.bounds, part, screened);
      return exact < lo || exact > hi;
    });
    expect(escaped, part).toEqual([]);
    const shares = pairs.map(({ screened, exact }) => {
      const { hi } = partBounds(model.screening!.bounds, part, screened);
      return Math.abs(exact - screened) / (hi - screened);
    });
    used[part] = Math.max(...shares);
  }
  const told = Object.entries(used).map(([part, share]) => `${part} ${share.toFixed(2)}`);
  console.log(`${scorer.info.engine}, share of the bound used at most: ${told.join(', ')}`);
}

test.runIf(openVinoScreens())(
  'OpenVINO tells of tracks where a score is made of them, and nowhere else',
  async () => {
    const tile = { count: 1, pixels: new Uint8Array(AREA).fill(90), octants: Float32Array.of(0.5) };
    const [telling, silent] = await Promise.all([open(OPENVINO_ON_CPU, true), open(OPENVINO_ON_CPU, false)]);
    const [more, less] = [await telling.screenHardware!(tile), await silent.screenHardware!(tile)];
    expect(Object.keys(more)).toEqual(['tops', 'topTracks']);
    expect(less).toEqual({ tops: (more as TopLogits).tops });
    const { tracks } = await new HardwareFinder(silent.screenHardware!, 64, null).find(1, tile.pixels, AREA);
    expect([...tracks]).toEqual([NaN]);
    await Promise.all([telling.close(), silent.close()]);
  },
);

const engines: [string, EngineSpec][] = [
  ['in int8 by onnxruntime', ONNX_ON_CPU],
  ...(openVinoScreens() ? ([['in bf16 by OpenVINO', OPENVINO_ON_CPU]] as [string, EngineSpec][]) : []),
];

describe.each(engines)('the shipped model’s screening %s', (_, spec) => {
  let scorer: Scorer;
  beforeAll(async () => {
    scorer = await open(spec, true);
  });
  afterAll(() => scorer.close());

  test('stay within their bounds on synthetic ground and hardware', async () => {
    const sample = new TerrainSample(SAMPLE_SEED);
    for (const scene of screeningScenes(1)) sample.see(scene);
    await expectNoEscape(scorer, some(makeTileSet(sample.windows, TILE_SEED), 256));
  }, 120_000);

  test('stay within their bounds on real crops, boulder fields among them', async (context) => {
    if (!existsSync(CROPS)) return context.skip(`${CROPS} is not here`);
    const sample = new TerrainSample(SAMPLE_SEED);
    for await (const image of readImages(await listImages([CROPS], []), 1)) sample.see(image);
    await expectNoEscape(scorer, some(makeTileSet(sample.windows, TILE_SEED), 384));
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
      for (const [name, values] of Object.entries(wholeNet) as [string, Float32Array][]) {
        const each = values.length / 37;
        expect(net, name).toHaveProperty(name, values.slice(from * each, to * each));
      }
    }
  }, 60_000);
});
