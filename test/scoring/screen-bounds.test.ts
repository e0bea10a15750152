import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorAt, fitEnvelope } from '../../src/scoring/error-envelope.js';
import { partBounds, type ScreenBounds } from '../../src/scoring/screen-bounds.js';

/** As single precision tells them apart: networks give no subnormal numbers. */
const score = fc.double({ min: -50, max: 50, noNaN: true }).map((value) => Number(value.toFixed(6)));
const pairs = fc.array(fc.record({ screened: score, exact: score }), { minLength: 1, maxLength: 60 });

describe('the envelope of errors', () => {
  test('holds every error that it was fitted to', () => {
    fc.assert(
      fc.property(pairs, (seen) => {
        const envelope = fitEnvelope(seen);
        for (const { screened, exact } of seen)
          expect(errorAt(envelope, screened)).toBeGreaterThanOrEqual(Math.abs(screened - exact) - 1e-9);
      }),
    );
  });

  test('does not promise less of a high score than of the middle one', () => {
    fc.assert(
      fc.property(pairs, score, score, (seen, one, other) => {
        const envelope = fitEnvelope(seen);
        const [low, high] = one < other ? [one, other] : [other, one];
        const middle = envelope.values[3]!;
        if (low < middle) return;
        expect(errorAt(envelope, high)).toBeGreaterThanOrEqual(errorAt(envelope, low) - 1e-9);
      }),
    );
  });

  test('is of numbers only', () => {
    expect(() => fitEnvelope([])).toThrow(RangeError);
    expect(() => fitEnvelope([{ screened: NaN, exact: 1 }])).toThrow(RangeError);
  });
});

const boundsOf = (seen: Parameters<typeof fitEnvelope>[0]): ScreenBounds => ({
  safety: 1.5,
  parts: { lander: fitEnvelope(seen) },
});

describe('the bounds of a screened score', () => {
  test('hold the exact score of every tile they were measured on', () => {
    fc.assert(
      fc.property(pairs, (seen) => {
        for (const { screened, exact } of seen) {
          const { lo, hi } = partBounds(boundsOf(seen), 'lander', screened);
          expect(lo).toBeLessThanOrEqual(exact + 1e-9);
          expect(hi).toBeGreaterThanOrEqual(exact - 1e-9);
        }
      }),
    );
  });

  test('never let a higher screened score have a lower upper bound', () => {
    fc.assert(
      fc.property(pairs, score, score, (seen, one, other) => {
        const bounds = boundsOf(seen);
        const [low, high] = one < other ? [one, other] : [other, one];
        expect(partBounds(bounds, 'lander', high).hi).toBeGreaterThanOrEqual(
          partBounds(bounds, 'lander', low).hi - 1e-9,
        );
      }),
    );
  });

  test('are not made up for a part that was not measured', () => {
    expect(() => partBounds(boundsOf([{ screened: 1, exact: 1 }]), 'tracks', 0)).toThrow(
      /no bounds of tracks/,
    );
  });
});
