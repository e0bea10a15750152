import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { type Augmentation, fillBatch } from '../../src/training/fill-batch.js';
import { TileDraw } from '../../src/training/tile-draw.js';
import { cutTiles, splitImages } from '../../src/training/tiles.js';
import { groundImage } from './support.js';

const images = Array.from({ length: 12 }, (_, i) => groundImage(`image ${i}`, 70, 66, i));

describe('the split', () => {
  test('puts every image on exactly one side, the same ones for the same seed', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (seed, count, share) => {
          const given = images.slice(0, count);
          const { training, validation } = splitImages(given, share, createRandom(seed));
          expect([...training, ...validation].map(({ name }) => name).sort()).toEqual(
            given.map(({ name }) => name).sort(),
          );
          expect(training.length).toBeGreaterThan(0);
          expect(splitImages(given, share, createRandom(seed))).toEqual({ training, validation });
        },
      ),
    );
  });

  test('keeps what shows one ground on one side: left and right, raw and calibrated, crops of one exposure', () => {
    const names = [
      'M143947267LE',
      'M143947267RC_pyr.tif',
      'M143947267L_crop.png',
      'M102128467LE.IMG',
      'other.png',
    ];
    const named = names.map((name) => ({ name }));
    for (let seed = 0; seed < 50; seed++) {
      const { training, validation } = splitImages(named, 0.4, createRandom(seed));
      for (const side of [training, validation])
        expect([0, 3]).toContain(side.filter(({ name }) => name.startsWith('M143947267')).length);
      expect(training.length).toBeGreaterThan(0);
      expect(validation.length).toBeGreaterThan(0);
    }
  });

  test('leaves two of twelve images to validate by default', () => {
    expect(splitImages(images, 0.15, createRandom(1)).validation).toHaveLength(2);
  });
});

describe('tiles', () => {
  test('an 800 x 800 crop gives 576 tiles every 32 pixels', () => {
    expect(cutTiles(groundImage('a', 800, 800, 1), 32)).toHaveLength(576);
  });

  test('an image smaller than a tile gives none', () => {
    expect(cutTiles(groundImage('a', 63, 800, 1), 32)).toHaveLength(0);
  });

  test('those that a scan would leave out are left out: lost lines, deep shadow, the detector’s border', () => {
    const lost = groundImage('lost', 640, 256, 3);
    lost.pixels.fill(0, 100 * 640, 101 * 640);
    expect(new Set(cutTiles(lost, 64).map(({ y }) => y))).toEqual(new Set([0, 128, 192]));
    const dark = groundImage('dark', 128, 128, 3);
    dark.pixels.fill(1, 0, 60 * 128);
    expect(cutTiles(dark, 64).map(({ y }) => y)).toEqual([64, 64]);
    const wide = cutTiles(groundImage('wide', 5064, 64, 3), 64);
    expect([wide.at(0)?.x, (wide.at(-1)?.x ?? 0) + 64 <= 5024, wide.length]).toEqual([64, true, 77]);
  });
});

describe('a batch', () => {
  const [tile] = cutTiles(groundImage('a', 64, 64, 5), 32);
  if (tile === undefined) throw new Error('no tile was cut');
  const plain = fillBatch([tile], 'none', createRandom(1));
  const mirror = (i: number, way: number): number => {
    const [row, column] = [Math.floor(i / 64), i % 64];
    const [down, across] = way & 4 ? [column, row] : [row, column];
    return 64 * (way & 1 ? 63 - down : down) + (way & 2 ? 63 - across : across);
  };
  /** Which of the eight ways to lay a square gave each of many draws. */
  const waysOf = (augment: Augmentation): number[] => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 64; seed++) {
      const drawn = fillBatch([tile], augment, createRandom(seed));
      const ways = [0, 1, 2, 3, 4, 5, 6, 7];
      seen.add(ways.find((way) => drawn.every((value, i) => value === plain[mirror(i, way)])) ?? NaN);
    }
    return [...seen].sort();
  };

  test('lays its tiles as they are, mirrored, or also turned: every way, and no other', () => {
    expect(waysOf('none')).toEqual([0]);
    expect(waysOf('flips')).toEqual([0, 1, 2, 3]);
    expect(waysOf('rotations')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('has its pixels in 0 to 1, and draws nothing where nothing is turned', () => {
    const random = createRandom(3);
    const batch = fillBatch([tile, tile], 'none', random);
    expect(batch).toHaveLength(2 * 64 * 64);
    expect(batch[0]).toBeCloseTo((tile.image.pixels[0] ?? 0) / 255, 6);
    expect(random.state).toBe(3);
  });
});

describe('the draw of tiles', () => {
  test('keeps all that fit, and of more as many as asked for, each place once filled', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(200), fc.nat(), (most, count, seed) => {
        const draw = new TileDraw(most, createRandom(seed));
        const kept: number[] = [];
        for (let item = 0; item < count; item++) {
          const place = draw.next();
          if (place !== null) kept[place] = item;
        }
        expect(draw.kept).toBe(Math.min(count, most));
        expect(kept).toHaveLength(draw.kept);
        expect(new Set(kept).size).toBe(draw.kept);
        if (count <= most) expect(kept).toEqual(kept.map((_, i) => i));
      }),
    );
  });

  test('gives the first and the last the same chance', () => {
    const hits = { first: 0, last: 0 };
    for (let seed = 1; seed <= 2000; seed++) {
      const draw = new TileDraw(5, createRandom(seed));
      const kept: number[] = [];
      for (let item = 0; item < 50; item++) {
        const place = draw.next();
        if (place !== null) kept[place] = item;
      }
      if (kept.includes(0)) hits.first++;
      if (kept.includes(49)) hits.last++;
    }
    // 200 expected of each, standard deviation 13.
    for (const count of Object.values(hits)) expect(Math.abs(count - 200)).toBeLessThan(4 * 13.4);
  });
});
