import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHalf, encodeHalf } from '../../src/domain/half-float.js';

describe('half floats', () => {
  it('keep numbers to eleven bits', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: -60_000, max: 60_000, noNaN: true })), (values) => {
        decodeHalf(encodeHalf(values)).forEach((kept, i) => {
          const given = values[i]!;
          expect(Math.abs(kept - given)).toBeLessThanOrEqual(Math.max(Math.abs(given) * 2 ** -11, 2 ** -25));
        });
      }),
    );
  });

  it('give every half float back as it was', () => {
    const all = Uint8Array.from({ length: 2 * 65536 }, (_, i) => (i % 2 === 0 ? i >> 1 : i >> 9) & 255);
    const values = decodeHalf(all);
    const again = decodeHalf(encodeHalf(values));
    values.forEach((value, i) => expect(Object.is(again[i], value)).toBe(true));
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [1e6, 0x7c00],
    [2 ** -24, 0x0001],
    [0.1, 0x2e66],
    // Halfway between two: to the even one.
    [2049, 0x6800],
    [2051, 0x6802],
  ])('write %s as IEEE 754 does', (value, bits) => {
    expect(encodeHalf([value]).readUInt16LE()).toBe(bits);
  });
});
