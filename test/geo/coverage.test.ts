import { booleanPointInPolygon, booleanValid } from '@turf/turf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelPoint } from '../../src/domain/geometry.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { coverageOutlines } from '../../src/geo/coverage.js';
import { groundCoverage } from '../../src/geo/ground-coverage.js';
import { areaM2 } from '../../src/geo/sphere.js';
import type { PixelPolygon } from '../../src/geo/trace-outlines.js';
import { planGrid } from '../../src/tiling/grid.js';
import { layoutGeometry, type Layout } from './support.js';

const OPTIONS = { size: 64, strideX: 32, strideY: 32 };
const SMALL = planGrid({ width: 290, height: 330 }, OPTIONS);
const TILES = SMALL.xs.length * SMALL.ys.length;

const ringArea = (ring: readonly PixelPoint[]): number =>
  Math.abs(
    ring.reduce((sum, a, i) => {
      const b = ring[(i + 1) % ring.length]!;
      return sum + (a.sample * b.line - b.sample * a.line) / 2;
    }, 0),
  );
const areaOf = (polygons: readonly PixelPolygon[]): number =>
  polygons.reduce(
    (sum, { outer, holes }) => sum + ringArea(outer) - holes.reduce((n, hole) => n + ringArea(hole), 0),
    0,
  );
const cornersOf = (polygons: readonly PixelPolygon[]): number =>
  polygons.reduce((n, { outer, holes }) => n + [outer, ...holes].flat().length, 0);
const asTurf = ({ outer, holes }: PixelPolygon) => ({
  type: 'Polygon' as const,
  coordinates: [outer, ...holes].map((ring) => [...ring, ring[0]!].map(({ sample, line }) => [sample, line])),
});

/** Whether a scored tile holds a pixel, tile by tile. */
const bruteForce = (scored: readonly boolean[], sample: number, line: number): boolean =>
  [...SMALL.ys].some((y, row) =>
    [...SMALL.xs].some(
      (x, column) =>
        scored[row * SMALL.xs.length + column] === true &&
        sample > x &&
        sample < x + 64 &&
        line > y &&
        line < y + 64,
    ),
  );

describe('outlines of what was scanned', () => {
  it('hold just the pixels of scored tiles, in rings that are sound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: TILES, maxLength: TILES }),
        fc.integer({ min: 1, max: 4 }),
        (random, masking) => {
          const scored = random.map(
            (value, i) => value && random[(i * 7 + masking) % TILES]! !== masking > 2,
          );
          const polygons = coverageOutlines(SMALL, (tile) => scored[tile]!);
          polygons.forEach((polygon) => expect(booleanValid(asTurf(polygon))).toBe(true));
          let covered = 0;
          for (let line = 1; line < 330; line += 2) {
            for (let sample = 1; sample < 290; sample += 2) {
              if (bruteForce(scored, sample, line)) covered += 4;
            }
          }
          expect(areaOf(polygons)).toBe(covered);
          for (let k = 0; k < 40; k++) {
            const [sample, line] = [((k * 83) % 289) + 0.5, ((k * 131) % 329) + 0.5];
            const inside = polygons.some((polygon) => booleanPointInPolygon([sample, line], asTurf(polygon)));
            expect(inside).toBe(bruteForce(scored, sample, line));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are one ring of four corners around the valid area where nothing was masked, and none where all was', () => {
    const grid = planGrid({ width: 5064, height: 52224 }, OPTIONS);
    const [whole, ...more] = coverageOutlines(grid, () => true);
    expect(more).toEqual([]);
    expect(whole?.holes).toEqual([]);
    expect(whole?.outer).toEqual([
      { sample: 64, line: 0 },
      { sample: 5024, line: 0 },
      { sample: 5024, line: 52224 },
      { sample: 64, line: 52224 },
    ]);
    expect(coverageOutlines(grid, () => false)).toEqual([]);
  });

  it('stay below a thousand corners however the mask is torn, at about the same area', () => {
    const grid = planGrid({ width: 5064, height: 52224 }, OPTIONS);
    const columns = grid.xs.length;
    // Shadows of all sizes: a slow wave and a fast one.
    const scored = (tile: number) => {
      const [x, y] = [tile % columns, Math.floor(tile / columns)];
      return Math.sin(x / 9) * Math.sin(y / 31) + 0.8 * Math.sin(x * 1.7 + y * y * 0.013) < 0.6;
    };
    const exact = coverageOutlines(grid, scored, Infinity);
    const bounded = coverageOutlines(grid, scored);
    expect(cornersOf(exact)).toBeGreaterThan(5000);
    expect(cornersOf(bounded)).toBeLessThanOrEqual(1000);
    expect(areaOf(bounded) / areaOf(exact)).toBeGreaterThan(0.9);
    expect(areaOf(bounded) / areaOf(exact)).toBeLessThan(1.1);
  });
});

describe('the coverage on the ground', () => {
  const base: Layout = {
    center: { lon: 21.9, lat: 20 },
    headingDeg: 178,
    mirrored: false,
    lines: 20_000,
    samples: 5064,
    acrossM: 1,
    alongM: 1.2,
  };
  const grid = planGrid({ width: base.samples, height: base.lines }, OPTIONS);
  const columns = grid.xs.length;
  /** All but a block in the middle, far from the borders: a hole of 32 x (40 - 1) by 32 x (200 - 1) pixels. */
  const holed = (tile: number) => {
    const [x, y] = [tile % columns, Math.floor(tile / columns)];
    return x < 50 || x >= 91 || y < 200 || y >= 401;
  };
  const pixelsM2 = (width: number, height: number) => width * height * base.acrossM * base.alongM;

  it.each([
    ['in the middle latitudes', { lon: 21.9, lat: 20 }],
    ['across 180 degrees', { lon: 180, lat: -35 }],
    ['over the north pole', { lon: 40, lat: 90 }],
    ['over the south pole', { lon: -120, lat: -90 }],
  ])('lacks the masked part %s', (_, center) => {
    const model = createCornerModel(layoutGeometry({ ...base, center }));
    const whole = groundCoverage(model, grid, () => true)!;
    const part = groundCoverage(model, grid, holed)!;
    expect(areaM2(whole) / pixelsM2(4960, base.lines)).toBeCloseTo(1, 2);
    // 41 x 201 tiles every 32 pixels share all but a border of 32 pixels with scored ones.
    const missing = areaM2(whole) - areaM2(part);
    expect(missing / pixelsM2(40 * 32, 200 * 32)).toBeCloseTo(1, 2);
    const middle = model.locate({ sample: grid.xs[70]! + 32, line: grid.ys[300]! + 32 });
    const beside = model.locate({ sample: grid.xs[20]! + 32, line: grid.ys[300]! + 32 });
    expect(booleanPointInPolygon([middle.lon, middle.lat], part)).toBe(false);
    expect(booleanPointInPolygon([beside.lon, beside.lat], part)).toBe(true);
    expect(booleanValid(part)).toBe(true);
    for (const ring of part.coordinates.flat()) {
      expect(ring[0]).toEqual(ring.at(-1));
      for (const [lon = NaN] of ring) expect(Math.abs(lon)).toBeLessThanOrEqual(180);
    }
  });

  it('is null where every tile was masked', () => {
    expect(groundCoverage(createCornerModel(layoutGeometry(base)), grid, () => false)).toBeNull();
  });
});
