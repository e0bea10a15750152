import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommonParts, scoredTiles } from '../../bench/quality/neighbours/common-parts.js';
import { VARIANTS } from '../../bench/quality/neighbours/train-variant.js';
import { VariantScorer } from '../../bench/quality/neighbours/variant-scorer.js';
import { fillWindows } from '../../bench/quality/neighbours/windows.js';
import { partsOf } from '../../bench/quality/score-picture.js';
import { shippedModel } from '../../bench/shipped-model.js';
import { createRandom } from '../../src/domain/random.js';
import { initialWeights } from '../../src/model/initial-weights.js';
import { loadModelFolder } from '../../src/model/load-model-folder.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { TILE_SIZE } from '../../src/model/architecture.js';
import { Vae } from '../../src/model/vae.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import { fillBatch } from '../../src/training/fill-batch.js';
import { readFile } from 'node:fs/promises';
import { groundImage, tensorFlowIfBuilt } from '../training/support.js';

const image = groundImage('ground', 150, 170, 4);
const tf = await tensorFlowIfBuilt();
const place = fc.record({ x: fc.integer({ min: 0, max: 86 }), y: fc.integer({ min: 0, max: 106 }) });

/** Of each square of a batch the 64 x 64 in its middle. */
function middles(batch: Float32Array, margin: number): number[] {
  const side = TILE_SIZE + 2 * margin;
  return Array.from(batch).filter((_, i) => {
    const [row, column] = [Math.floor(i / side) % side, i % side];
    return [row, column].every((at) => at >= margin && at < margin + TILE_SIZE);
  });
}

describe('windows around training tiles', () => {
  it('hold the tiles that training without neighbours takes, mirrored alike', () => {
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 12),
        (places, margin) => {
          const tiles = places.map(({ x, y }) => ({ image, x, y }));
          const windows = fillWindows(tiles, margin, createRandom(9));
          expect(middles(windows, margin)).toEqual(Array.from(fillBatch(tiles, 'flips', createRandom(9))));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('go on with the picture’s own pixels, mirrored at its border', () => {
    const [margin, side] = [12, 88];
    const corner = fillWindows([{ image, x: 0, y: 106 }], margin, { ...createRandom(1), integer: () => 0 });
    const at = (x: number, y: number): number => image.pixels[y * image.width + x]! / 255;
    expect(corner[0]).toBeCloseTo(at(12, 94), 6);
    expect(corner[20 * side + 80]).toBeCloseTo(at(68, 114), 6);
    expect(corner[87 * side + 87]).toBeCloseTo(at(75, 158 - 1), 6);
  });
});

describe.skipIf(tf === null)('an encoder that sees neighbours', () => {
  const architecture = { family: 'vae', channels: 1, latent: 8 } as const;

  it('gives a tile one code whatever the window, and sees 9 pixels around it', () => {
    const vae = new Vae(tf!, architecture, initialWeights(architecture, 3));
    const random = createRandom(2);
    const side = TILE_SIZE + 2 * 24;
    const pixels = new Float32Array(side * side).map(() => random.uniform());
    const codeOf = (values: Float32Array, margin: number): number[] => {
      const own = TILE_SIZE + 2 * margin;
      const mu = tf!.tidy(() => {
        const whole = tf!.tensor4d(values, [1, side, side, 1]);
        const from = 24 - margin;
        return vae.encode(whole.slice([0, from, from, 0], [1, own, own, 1])).mu;
      });
      return Array.from(mu.dataSync());
    };
    const apart = (one: number[], other: number[]): number =>
      Math.max(...one.map((value, i) => Math.abs(value - other[i]!)));
    const scale = Math.max(...codeOf(pixels, 24).map(Math.abs));
    expect(apart(codeOf(pixels, 24), codeOf(pixels, VARIANTS.neighbours))).toBeLessThan(1e-4 * scale);
    expect(apart(codeOf(pixels, 24), codeOf(pixels, 0))).toBeGreaterThan(1e-2 * scale);
    const changed = (distance: number): Float32Array =>
      pixels.map((value, i) => (i % side === 24 - distance ? 1 - value : value));
    expect(apart(codeOf(pixels, 12), codeOf(changed(10), 12))).toBeLessThan(1e-6 * scale);
    expect(apart(codeOf(pixels, 12), codeOf(changed(9), 12))).toBeGreaterThan(1e-4 * scale);
    vae.dispose();
  });

  it('is asked for the error of the tile alone', () => {
    const vae = new Vae(tf!, architecture, initialWeights(architecture, 3));
    const window = fillWindows([{ image, x: 30, y: 40 }], 12, createRandom(1));
    const tile = middles(window, 12);
    const { squared, wanted } = tf!.tidy(() => {
      const x = tf!.tensor4d(window, [1, 88, 88, 1]);
      const { reconstruction } = vae.reconstruct(x);
      const error = reconstruction
        .sub(tf!.tensor4d(tile, [1, 64, 64, 1]))
        .square()
        .sum();
      return { squared: vae.losses(x, new Float32Array(8)).squaredError, wanted: error };
    });
    expect(squared.dataSync()[0]).toBeCloseTo(wanted.dataSync()[0]!, 2);
    vae.dispose();
  });

  it('without neighbours scores as a scan does', async () => {
    const folder = shippedModel()!;
    const model = await loadModelFolder(folder);
    const picture = { width: image.width, height: image.height, data: image.pixels };
    const shadow = { x: 0.6, y: 0.8 };
    const onnx = await createOnnxScorer({
      ...{ modelPath: model.onnxPath, hardwarePath: null, threads: 1, channels: 1, tileSize: TILE_SIZE },
    });
    const common = await CommonParts.open(folder);
    const weights = readSafetensors(await readFile(model.weightsPath), model.weightsPath);
    const scorer = new VariantScorer(tf!, VARIANTS.zeros, weights);
    try {
      const scan = await partsOf(new StripScorer(onnx, { channels: 1, batch: 64 }), picture, shadow);
      const parts = await common.of(picture, shadow);
      const tiles = scoredTiles(parts);
      expect(tiles).toEqual(scoredTiles(scan));
      const own = scorer.score(picture, parts, tiles);
      for (const name of ['l2', 'muNorm', 'bright', 'brightPeak'] as const)
        tiles.forEach((tile, i) => expect(own[name][i]).toBeCloseTo(scan[name][tile]!, 4));
    } finally {
      scorer.dispose();
      await common.close();
      await onnx.close();
    }
  });
});
