import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PixelDetection } from '../../src/domain/detection.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import { scanImage } from '../../src/pipeline/scan-image.js';
import { openRaster } from '../../src/raster/open-raster.js';
import { createScorePool } from '../../src/scoring/create-score-pool.js';
import type { ScorePool } from '../../src/scoring/score-pool.js';
import { planScene, type Scene } from '../../src/simulation/scene.js';
import { writeCdr } from '../../src/simulation/write-cdr.js';
import { writeEdr } from '../../src/simulation/write-edr.js';
import { writePtif } from '../../src/simulation/write-ptif.js';
import { fakeScene, PRODUCT } from '../simulation/fake-scene.js';
import { STARTER } from '../support/starter.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { findNullPixels } from '../../src/tiling/null-pixels.js';

let folder: string;
let model: ModelFolder;
let pool: ScorePool;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-img-scan-'));
  model = await loadModelFolder(STARTER);
  const { channels } = model.manifest.architecture;
  pool = await createScorePool({
    modelPath: model.onnxPath,
    hardwarePath: model.hardwarePath,
    channels,
    tileSize: 64,
    workers: 1,
    batch: 64,
  });
});
afterAll(async () => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

const options = {
  size: 64,
  strideX: 64,
  strideY: 64,
  masks: DEFAULT_MASKS,
  stripRows: 4,
  threshold: 1,
  budget: 12,
  mergeRadiusPx: 48,
};

interface Places {
  readonly sample: number;
  readonly line: number;
}

async function scan(path: string, scene: Scene): Promise<readonly PixelDetection[]> {
  const raster = await openRaster(path, { stretch: model.manifest.normalisation.wide });
  try {
    const tools = { model, pool, options };
    const result = await scanImage(raster, scene.spec.towardsSun, tools, new AbortController().signal);
    return result.detections;
  } finally {
    await raster.close();
  }
}

function isNear(a: Places, b: Places, px: number): boolean {
  return Math.hypot(a.sample - b.sample, a.line - b.line) <= px;
}

/** How far the scores differ, as a share of the larger and 2, of the ten best of both that lie at the same place. */
function sameAmongTopTen(a: readonly PixelDetection[], b: readonly PixelDetection[]): number[] {
  return a.slice(0, 10).flatMap((one) => {
    const other = b.slice(0, 10).find(({ peak }) => isNear(peak, one.peak, 2));
    return other === undefined
      ? []
      : [Math.abs(other.score - one.score) / Math.max(2, one.score, other.score)];
  });
}

const LINES = 448;
/** Half of a NAC's width, as summed frames have it, with their masked columns. */
const SUMMED = 2532;

describe('one scene as raw, calibrated and browse product', () => {
  it.each([
    ['smooth', 21],
    ['rugged', 22],
  ] as const)('of %s ground gives the same detections', async (terrain, seed) => {
    const scene = planScene({
      seed,
      lines: LINES,
      samples: SUMMED,
      terrain,
      towardsSun: { x: 0.8, y: -0.6 },
      incidenceDeg: 62,
      pixelAcrossM: 1,
      pixelAlongM: 1,
      frame: 'LEFT',
      landers: 3,
    });
    const [edr, cdr, ptif] = ['M1334567890LE.IMG', 'M1334567890LC.IMG', 'M1334567890LC_pyr.tif'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeEdr(edr, scene, PRODUCT);
    await writeCdr(cdr, scene, { ...PRODUCT, productId: 'M1334567890LC' });
    await writePtif(ptif, { width: SUMMED, height: LINES }, (firstLine, lines) =>
      scene.render(firstLine, lines),
    );
    const raw = await scan(edr, scene);
    const calibrated = await scan(cdr, scene);
    const browse = await scan(ptif, scene);

    const landers = scene.truth.filter(({ kind }) => kind === 'lander');
    expect(landers).toHaveLength(3);
    for (const found of [raw, calibrated, browse]) {
      for (const lander of landers) {
        expect(found.some(({ peak }) => isNear(peak, lander, 32))).toBe(true);
      }
    }
    const rawDifferences = sameAmongTopTen(raw, calibrated);
    const browseDifferences = sameAmongTopTen(browse, calibrated);
    expect(rawDifferences.length).toBeGreaterThanOrEqual(9);
    expect(browseDifferences.length).toBeGreaterThanOrEqual(8);
    // Raw samples come in steps of 2 %. The browse product has been through JPEG, and lacks what is brighter than
    // its white.
    expect(Math.max(...rawDifferences)).toBeLessThan(0.15);
    expect(Math.max(...browseDifferences)).toBeLessThan(0.25);
  });
});

describe('telemetry that was lost', () => {
  it.each([
    ['raw', DEFAULT_MASKS.nullRun],
    ['calibrated', 1],
  ] as const)('is null in the %s product and nothing else is', async (kind, nullRun) => {
    const lost = [{ x: 700, y: 10, width: 2000, height: 9 }];
    const shadow = { x: 3000, y: 20, width: 30, height: 20 };
    const isIn = (area: typeof shadow, x: number, y: number): boolean =>
      x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;
    const ground = fakeScene(5064, 64, (x, y) => {
      const noise = ((x * 7919 + y * 104_729) % 97) / 97;
      return x < 41 || x >= 5041 ? 0 : isIn(shadow, x, y) ? -0.3 : 0.8 + 0.4 * noise;
    });
    const path = join(folder, `${kind}.IMG`);
    await (kind === 'raw' ? writeEdr : writeCdr)(path, ground, { ...PRODUCT, lost });
    const raster = await openRaster(path);
    try {
      expect(raster.info.exactNulls).toBe(kind === 'calibrated');
      for await (const strip of raster.strips([{ firstLine: 0, lines: 64 }])) {
        const flags = findNullPixels(strip, { ...DEFAULT_MASKS, nullRun });
        const [area] = lost as [typeof shadow];
        // Beside lost data of 8-bit products the darkest pixels count as a JPEG's ringing.
        const reach = kind === 'raw' ? 8 : 0;
        const around = {
          x: area.x - reach,
          y: area.y - reach,
          width: area.width + 2 * reach,
          height: area.height + 2 * reach,
        };
        let wrong = 0;
        flags?.forEach((flag, i) => {
          const [x, y] = [i % 5064, Math.floor(i / 5064)];
          if (flag === 0 ? isIn(area, x, y) : !isIn(around, x, y)) wrong++;
        });
        expect([flags?.length, wrong]).toEqual([5064 * 64, 0]);
        expect(strip.data[25 * 5064 + 3010]).toBeLessThanOrEqual(1);
      }
    } finally {
      await raster.close();
    }
  });
});
