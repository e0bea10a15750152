import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SQUARE_VALUES, SQUARES } from '../../src/model/export-openvino-net.js';
import { hardwarePlanes, INPUT_PLANES } from '../../src/model/hardware-planes.js';
import { TilePlanes } from '../../src/scoring/engines/openvino/tile-planes.js';
import { seeded } from './support.js';

const SIZE = 64;
const AREA = SIZE * SIZE;
const VALUES = SQUARES * SQUARES * SQUARE_VALUES;
/** Half a unit in the last of bfloat16's eight places, and what single precision leaves of a small difference. */
const ROUNDING = { share: 2 ** -8, least: 2e-5 };

/** A tile of noise about a level, with an edge, cut to 0..255. */
function tileOf(seed: number, level: number, noise: number): Uint8Array {
  const random = seeded(seed);
  const edge = Math.floor(random() * SIZE);
  return Uint8Array.from({ length: AREA }, (_, i) => {
    const value = level + noise * (random() - 0.5) + (i % SIZE < edge ? noise / 2 : 0);
    return Math.min(Math.max(value, 0), 255);
  });
}

/** Those of `tilePlanes`, as numbers. */
function planesOf(pixels: Uint8Array, octants: Float32Array, from: number, to: number): Float32Array {
  const bits = new Uint16Array((to - from) * VALUES);
  new TilePlanes().write({ count: octants.length, pixels, octants }, bits, from, to);
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}

describe('what the screened learned scorer sees', () => {
  test('is what the exact one sees, rounded to bfloat16, square by square', () => {
    const tile = fc.record({
      seed: fc.nat(),
      level: fc.integer({ min: 0, max: 255 }),
      noise: fc.constantFrom(0, 2, 20, 200, 600),
      octant: fc.float({ min: -1, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(tile, ({ seed, level, noise, octant }) => {
        const pixels = tileOf(seed, level, noise);
        const expected = hardwarePlanes(
          Float32Array.from(pixels, (dn) => dn / 255),
          Float32Array.of(octant),
        );
        const planes = planesOf(pixels, Float32Array.of(octant), 0, 1);
        let worst = 0;
        const compare = (value: number, wanted: number): void => {
          const allowed = ROUNDING.share * Math.abs(wanted) + ROUNDING.least / (noise === 0 ? 0.01 : 1);
          worst = Math.max(worst, Math.abs(value - wanted) / allowed);
        };
        for (let i = 0; i < AREA; i++) {
          const [y, x] = [Math.floor(i / SIZE), i % SIZE];
          const square = (Math.floor(y / 2) * SQUARES + Math.floor(x / 2)) * SQUARE_VALUES;
          const place = 2 * (y % 2) + (x % 2);
          for (let plane = 0; plane < INPUT_PLANES; plane++) {
            const at = plane === INPUT_PLANES - 1 ? SQUARE_VALUES - 1 : 4 * plane + place;
            compare(planes[square + at]!, expected[i * INPUT_PLANES + plane]!);
          }
        }
        expect(worst).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });

  test('is laid down for the tiles that are asked for', () => {
    const pixels = Uint8Array.of(...tileOf(1, 90, 40), ...tileOf(2, 120, 60), ...tileOf(3, 40, 20));
    const octants = Float32Array.of(-0.5, 0.25, 1);
    const all = planesOf(pixels, octants, 0, 3);
    expect(planesOf(pixels, octants, 1, 3)).toEqual(all.slice(VALUES));
    expect(new Set([0, 1, 2].map((tile) => all[(tile + 1) * VALUES - 1]))).toEqual(new Set([-0.5, 0.25, 1]));
  });
});
