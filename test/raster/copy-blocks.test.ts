import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import { copyBlocks } from '../../src/raster/copy-blocks.js';

const cut = fc.record({
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 40 }),
  blockWidth: fc.integer({ min: 1, max: 17 }),
  blockHeight: fc.integer({ min: 1, max: 17 }),
});

const dn = (x: number, y: number): number => (x * 7 + y * 31) % 251;

describe('uncompressed blocks', () => {
  it('give back the pixels they were cut from, whatever lies in the padding', () => {
    fc.assert(
      fc.property(cut, ({ width, height, blockWidth, blockHeight }) => {
        const columns = Math.ceil(width / blockWidth);
        const rows = Math.ceil(height / blockHeight);
        const blocks = Array.from({ length: columns * rows }, (_, i) =>
          Uint8Array.from({ length: blockWidth * blockHeight }, (_, p) => {
            const x = (i % columns) * blockWidth + (p % blockWidth);
            const y = Math.floor(i / columns) * blockHeight + Math.floor(p / blockWidth);
            return x < width && y < height ? dn(x, y) : 255;
          }),
        );
        const block = { width: blockWidth, height: blockHeight };
        const expected = Uint8Array.from({ length: width * height }, (_, p) =>
          dn(p % width, Math.floor(p / width)),
        );
        expect(copyBlocks('a.tif', blocks, columns, block, { width, height })).toEqual(expected);
        const used = new Uint8Array(width * height).fill(99);
        expect(copyBlocks('a.tif', blocks, columns, block, { width, height }, used)).toBe(used);
        expect(used).toEqual(expected);
      }),
    );
  });

  it('that are too short are refused by the name of their file', () => {
    const read = () =>
      copyBlocks('a.tif', [new Uint8Array(11)], 1, { width: 4, height: 3 }, { width: 4, height: 3 });
    expect(read).toThrow(InvalidProductError);
    expect(read).toThrow(/^a\.tif is truncated/);
  });
});
