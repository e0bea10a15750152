import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/domain/random.js';
import { cutTiles, fillBatch, splitImages } from '../../src/training/tiles.js';
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

  test('a flipped tile holds the same pixels, mirrored', () => {
    const [tile] = cutTiles(groundImage('a', 64, 64, 5), 32);
    if (tile === undefined) throw new Error('no tile was cut');
    const plain = fillBatch([tile], null);
    const at = (batch: Float32Array, x: number, y: number): number => batch[64 * y + x] ?? NaN;
    const seen = new Set<string>();
    for (let seed = 0; seed < 32; seed++) {
      const flipped = fillBatch([tile], createRandom(seed));
      const flip = [0, 1, 2, 3].find((f) =>
        flipped.every(
          (value, i) =>
            value ===
            at(plain, f & 2 ? 63 - (i % 64) : i % 64, f & 1 ? 63 - Math.floor(i / 64) : Math.floor(i / 64)),
        ),
      );
      seen.add(String(flip));
    }
    expect([...seen].sort()).toEqual(['0', '1', '2', '3']);
  });

  test('pixels become 0 to 1', () => {
    const [tile] = cutTiles(groundImage('a', 64, 64, 5), 32);
    if (tile === undefined) throw new Error('no tile was cut');
    const batch = fillBatch([tile, tile], null);
    expect(batch).toHaveLength(2 * 64 * 64);
    expect(batch[0]).toBeCloseTo((tile.image.pixels[0] ?? 0) / 255, 6);
  });
});
