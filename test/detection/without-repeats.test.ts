import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutRepeats } from '../../src/detection/without-repeats.js';
import type { PixelDetection } from '../../src/domain/detection.js';

const NOTHING = Buffer.alloc(0);

/** A detection of a rectangle of pixels, its peak in the middle. */
function boxed(x: number, y: number, width: number, height: number, rank = 1): PixelDetection {
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
    [x, y],
  ];
  return {
    ...{
      rankInImage: rank,
      score: 9 - rank,
      scoreRaw: 9 - rank,
      scores: {},
      tileX: 0,
      tileY: 0,
      tileCount: 1,
    },
    peak: { sample: x + width / 2, line: y + height / 2 },
    outline: corners.map(([sample = NaN, line = NaN]) => ({ sample, line })),
    ...{ widthPx: width, heightPx: height },
    chips: { tile: NOTHING, reconstruction: NOTHING, error: NOTHING, context: NOTHING },
  };
}

const placesOf = (detections: readonly PixelDetection[]) => detections.map(({ outline }) => outline[0]);

describe('leaving out what is seen again', () => {
  it('takes what lies within the radius for the better one, with its tiles, and closes the ranks up', () => {
    const found = withoutRepeats([boxed(0, 0, 4, 4, 1), boxed(8, 0, 4, 4, 2), boxed(30, 0, 4, 4, 3)], 12);
    expect(found).toMatchObject([
      { rankInImage: 1, tileCount: 2, peak: { sample: 2 } },
      { rankInImage: 2, tileCount: 1, peak: { sample: 32 } },
    ]);
  });

  it('takes outlines that share a pixel for one thing, however far the peaks, and not those that only touch', () => {
    const wall = boxed(0, 0, 40, 5);
    expect(withoutRepeats([wall, boxed(36, 4, 20, 9, 2)], 12)).toHaveLength(1);
    expect(withoutRepeats([wall, boxed(40, 4, 20, 9, 2)], 12)).toHaveLength(2);
    expect(withoutRepeats([wall, boxed(36, 5, 20, 9, 2)], 12)).toHaveLength(2);
    // A hook around the other is apart from it, though their extents overlap.
    const hook: PixelDetection = {
      ...boxed(0, 0, 30, 30, 2),
      outline: [
        [0, 0],
        [30, 0],
        [30, 2],
        [2, 2],
        [2, 30],
        [0, 30],
        [0, 0],
      ].map(([sample = NaN, line = NaN]) => ({ sample, line })),
    };
    expect(withoutRepeats([boxed(24, 24, 4, 4), hook], 5)).toHaveLength(2);
    expect(withoutRepeats([boxed(26, 1, 4, 4), hook], 5)).toHaveLength(1);
  });

  it('grows no chain: three things in a row, each near the next, are two', () => {
    const row = [boxed(0, 0, 2, 2, 1), boxed(10, 0, 2, 2, 2), boxed(20, 0, 2, 2, 3)];
    expect(placesOf(withoutRepeats(row, 12))).toEqual(placesOf([row[0]!, row[2]!]));
  });

  it('leaves no two near each other, each of the others near a better one, and loses no tile', () => {
    const boxes = fc.array(
      fc.tuple(fc.nat(120), fc.nat(120), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(boxes, fc.nat(20), (places, radius) => {
        const given = places.map(([x, y, w, h], i) => boxed(x, y, w, h, i + 1));
        const kept = withoutRepeats(given, radius);
        const isOne = (a: PixelDetection, b: PixelDetection): boolean =>
          Math.hypot(a.peak.sample - b.peak.sample, a.peak.line - b.peak.line) <= radius ||
          (Math.min(right(a), right(b)) > Math.max(left(a), left(b)) &&
            Math.min(bottom(a), bottom(b)) > Math.max(top(a), top(b)));
        kept.forEach((one, i) =>
          kept.slice(0, i).forEach((better) => expect(isOne(one, better)).toBe(false)),
        );
        for (const one of given) expect(kept.some((other) => isOne(one, other))).toBe(true);
        expect(kept.map(({ rankInImage }) => rankInImage)).toEqual(kept.map((_, i) => i + 1));
        expect(kept.reduce((sum, { tileCount }) => sum + tileCount, 0)).toBe(given.length);
      }),
    );
  });
});

const left = ({ outline }: PixelDetection) => outline[0]!.sample;
const top = ({ outline }: PixelDetection) => outline[0]!.line;
const right = ({ outline }: PixelDetection) => outline[2]!.sample;
const bottom = ({ outline }: PixelDetection) => outline[2]!.line;
