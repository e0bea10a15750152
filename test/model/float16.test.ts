import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFloat16Bits, toFloat16Bits } from '../../src/model/float16.js';

test('every half-precision number survives the way there and back', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromFloat16Bits(bits);
    if (Number.isNaN(value)) expect(fromFloat16Bits(toFloat16Bits(value))).toBeNaN();
    else if (toFloat16Bits(value) !== bits) expect.fail(`${bits} became ${toFloat16Bits(value)}`);
  }
});

test('rounding goes to the nearest neighbour, ties to even', () => {
  fc.assert(
    fc.property(fc.float({ min: -60000, max: 60000, noNaN: true }), (value) => {
      const bits = toFloat16Bits(value);
      const error = Math.abs(fromFloat16Bits(bits) - value);
      const neighbours = [bits - 1, bits + 1].filter(
        (b) => (b & 0x7fff) < 0x7c00 && b >= 0 && (b ^ bits) < 0x8000,
      );
      for (const neighbour of neighbours) {
        const other = Math.abs(fromFloat16Bits(neighbour) - value);
        expect(error).toBeLessThanOrEqual(other);
        if (error === other && error !== 0) expect(bits & 1).toBe(0);
      }
    }),
    { numRuns: 2000 },
  );
});

test('what is too large becomes infinite', () => {
  expect(fromFloat16Bits(toFloat16Bits(65504))).toBe(65504);
  expect(fromFloat16Bits(toFloat16Bits(65520))).toBe(Infinity);
  expect(fromFloat16Bits(toFloat16Bits(-1e9))).toBe(-Infinity);
});
