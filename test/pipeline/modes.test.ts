import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelFolder } from '../../src/model/load-model-folder.js';
import type { ImageScan } from '../../src/pipeline/scan-image.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { planScene } from '../../src/simulation/scene.js';
import type { Widening } from '../../src/scoring/screen/part-bounds.js';
import { HONEST, rememberingScorer, scanIn, starter, type ModeRun, type Picture } from './mode-support.js';

const CROPS = join(import.meta.dirname, '../../../shared/data/nac');
const SECONDS = 1000;

let model: ModelFolder;
let scorer: Scorer;
beforeAll(async () => {
  model = await starter();
  scorer = await rememberingScorer(model);
});
afterAll(() => scorer.close());

function synthetic(seed: number, terrain: 'smooth' | 'rugged', landers: number): Picture {
  const [width, height] = [416, 384];
  const towardsSun = { x: -0.8, y: 0.6 };
  const scene = planScene({
    ...{ seed, terrain, landers, towardsSun, incidenceDeg: 60 },
    ...{ lines: height, samples: width, pixelAcrossM: 1, pixelAlongM: 1, frame: 'LEFT' },
  });
  return { width, height, data: scene.render(0, height), towardsSun };
}

/** With lost lines in the middle, as tiles at their border are filled. */
function wounded(picture: Picture): Picture {
  const data = Uint8Array.from(picture.data);
  data.fill(0, 200 * picture.width, 202 * picture.width);
  return { ...picture, data };
}

async function crop(file: string, shadowDeg: number): Promise<Picture> {
  const { data, info } = await sharp(join(CROPS, file))
    .extract({ left: 0, top: 0, width: 400, height: 400 })
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const angle = (shadowDeg * Math.PI) / 180;
  const towardsSun = { x: -Math.cos(angle), y: -Math.sin(angle) };
  return { width: info.width, height: info.height, data: Uint8Array.from(data), towardsSun };
}

/** What must not depend on the mode. */
function whatCounts({ detections, statistics, profile, masked }: ImageScan) {
  return { detections, statistics, profile, masked };
}

async function expectAlike(picture: Picture, runs: readonly ModeRun[], o: Partial<ModeRun> = {}) {
  const exact = await scanIn(picture, model, scorer, { mode: 'exact', ...o });
  expect(exact.screening).toMatchObject({ mode: 'exact', rescored: 0, approximate: 0 });
  let approximate = 0;
  for (const run of runs) {
    const scan = await scanIn(picture, model, scorer, { ...run, ...o });
    expect(whatCounts(scan)).toEqual(whatCounts(exact));
    expect(scan.screening.mode).toBe(run.mode);
    approximate += scan.screening.approximate;
    expect(scan.screening.beyond).toBe(0);
  }
  return { exact, approximate };
}

describe('the modes of a scan', () => {
  it(
    'detect on the synthetic Moon what exact does, whatever the batch, the strips and the workers',
    async () => {
      let left = 0;
      const any = fc.record({
        seed: fc.integer({ min: 1, max: 1000 }),
        terrain: fc.constantFrom('smooth' as const, 'rugged' as const),
        landers: fc.integer({ min: 0, max: 1 }),
        isWounded: fc.boolean(),
        mode: fc.constantFrom('full' as const, 'cascade' as const),
        batch: fc.integer({ min: 1, max: 70 }),
        stripRows: fc.integer({ min: 1, max: 9 }),
        workers: fc.integer({ min: 1, max: 4 }),
        budget: fc.integer({ min: 1, max: 12 }),
      });
      await fc.assert(
        fc.asyncProperty(any, async ({ seed, terrain, landers, isWounded, budget, ...run }) => {
          const picture = synthetic(seed, terrain, landers);
          const { approximate } = await expectAlike(isWounded ? wounded(picture) : picture, [run], {
            budget,
          });
          left += approximate;
        }),
        { numRuns: 3 },
      );
      expect(left).toBeGreaterThan(0);
    },
    60 * SECONDS,
  );

  it(
    'detect on real crops what exact does',
    async (context) => {
      if (!existsSync(CROPS)) return context.skip('../shared/data/nac is not there');
      let left = 0;
      for (const [file, shadowDeg] of [
        ['M1155395732_mosaic_train_small.png', 176],
        ['M143947267L_crop400_8bit_IoF0-0.27.png', 328],
      ] as const) {
        const { exact, approximate } = await expectAlike(
          await crop(file, shadowDeg),
          [{ mode: 'full' }, { mode: 'cascade', stripRows: 3 }],
          {
            sampleTiles: 40,
          },
        );
        expect(exact.detections.length).toBeGreaterThan(0);
        left += approximate;
      }
      expect(left).toBeGreaterThan(40);
    },
    60 * SECONDS,
  );

  it(
    'are all exact where an image has no more tiles than its sample',
    async () => {
      const picture = synthetic(3, 'smooth', 1);
      const scans = [];
      for (const mode of ['exact', 'full', 'cascade'] as const)
        scans.push(await scanIn(picture, model, scorer, { mode, sampleTiles: 4000 }));
      const [exact, ...others] = scans.map((scan) => ({ ...whatCounts(scan), scoreMap: scan.scoreMap }));
      for (const other of others) expect(other).toEqual(exact);
      expect(scans.map(({ screening }) => [screening.rescored, screening.approximate])).toEqual([
        [0, 0],
        [0, 0],
        [0, 0],
      ]);
    },
    20 * SECONDS,
  );

  it(
    'detect alike by the score of a model without a learned scorer',
    async () => {
      await expectAlike(synthetic(11, 'rugged', 1), [{ mode: 'full' }, { mode: 'cascade' }], { score: 'b' });
    },
    20 * SECONDS,
  );

  it(
    'detect alike in full by a score of the autoencoder alone',
    async () => {
      await expectAlike(synthetic(12, 'rugged', 1), [{ mode: 'full' }], { score: 'l2' });
    },
    20 * SECONDS,
  );

  it(
    'widen a bound that proves too narrow, keep it for those who come, and settle the image by it',
    async () => {
      const picture = synthetic(5, 'rugged', 1);
      const kept: Widening[] = [];
      const store = {
        newest: () => Promise.resolve({ version: kept.length, widening: kept.at(-1) ?? {} }),
        add: (widening: Widening) => Promise.resolve({ version: kept.push(widening), widening }),
      };
      const narrow: typeof HONEST = (part, value) => {
        const { lo, hi } = HONEST(part, value);
        return { lo: value - (value - lo) / 8, hi: value + (hi - value) / 8 };
      };
      const exact = await scanIn(picture, model, scorer, { mode: 'exact' });
      const scan = await scanIn(picture, model, scorer, { mode: 'full', bounds: narrow, store });
      expect(scan.screening).toMatchObject({ checked: 64, boundsVersion: kept.length });
      expect(scan.screening.beyond).toBeGreaterThan(0);
      expect(kept.length).toBeGreaterThan(0);
      for (const part of ['l2', 'bright_peak', 'lander'] as const) {
        expect(kept.at(-1)![part]).toBeGreaterThan(1);
        expect(kept.at(-1)![part]).toBeLessThan(8 * 1.25 * 1.25);
      }
      expect(whatCounts(scan)).toEqual(whatCounts(exact));
    },
    20 * SECONDS,
  );
});
