import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import type { Corners, LonLat } from '../../src/domain/geometry.js';
import type { ImageGeometry } from '../../src/domain/product.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import {
  TRUTH_PATH,
  distanceM,
  haveData,
  layoutGeometry,
  layoutPlace,
  readTruth,
  type Layout,
} from './support.js';

const layouts = fc.record({
  center: fc.record({
    lon: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 179.99, 180)),
    lat: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, 89.9, -89.99)),
  }),
  headingDeg: fc.double({ min: 0, max: 360, noNaN: true }),
  mirrored: fc.boolean(),
  lines: fc.integer({ min: 1024, max: 52224 }),
  samples: fc.constantFrom(2532, 5064),
  acrossM: fc.double({ min: 0.25, max: 1.5, noNaN: true }),
  alongM: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
});

describe('the corner model', () => {
  it('places a pixel of any flip, aspect, pole or antimeridian within a metre of a flat layout', () => {
    fc.assert(
      fc.property(
        layouts,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (o, u, t) => {
          const point = { sample: u * o.samples, line: t * o.lines };
          const place = createCornerModel(layoutGeometry(o)).locate(point);
          expect(Math.abs(place.lon)).toBeLessThanOrEqual(180);
          expect(distanceM(place, layoutPlace(o, point))).toBeLessThan(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('returns the very corners at the centres of the outer pixels', () => {
    fc.assert(
      fc.property(layouts, (o) => {
        const g = layoutGeometry(o);
        const model = createCornerModel(g);
        const [right, bottom] = [o.samples - 0.5, o.lines - 0.5];
        expect(distanceM(model.locate({ sample: 0.5, line: 0.5 }), g.corners.upperLeft)).toBeLessThan(0.1);
        expect(distanceM(model.locate({ sample: right, line: 0.5 }), g.corners.upperRight)).toBeLessThan(0.1);
        expect(distanceM(model.locate({ sample: right, line: bottom }), g.corners.lowerRight)).toBeLessThan(
          0.1,
        );
        expect(distanceM(model.locate({ sample: 0.5, line: bottom }), g.corners.lowerLeft)).toBeLessThan(0.1);
      }),
      { numRuns: 100 },
    );
  });

  it('tells the two sides of a pixel apart', () => {
    fc.assert(
      fc.property(layouts, (o) => {
        const { acrossM, alongM } = createCornerModel(layoutGeometry(o)).pixelSize({
          sample: o.samples / 2,
          line: o.lines / 2,
        });
        expect(acrossM / o.acrossM).toBeCloseTo(1, 3);
        expect(alongM / o.alongM).toBeCloseTo(1, 3);
      }),
      { numRuns: 100 },
    );
  });

  it('states more uncertainty for rounded corners, oblique views and larger peaks', () => {
    const g = { ...layoutGeometry(strip), emissionDeg: 0 };
    const at = (change: Partial<ImageGeometry>, peak?: number) =>
      createCornerModel({ ...g, ...change }).locate({ sample: 2532, line: 26112 }, peak).uncertaintyM;
    expect(at({})).toBeLessThan(60);
    expect(at({ cornerRoundingDeg: 0.005 })).toBeGreaterThan(100);
    expect(at({ cornerRoundingDeg: 0.005 })).toBeLessThan(160);
    expect(at({ emissionDeg: 10 })).toBeGreaterThan(2200 * Math.tan(Math.PI / 18));
    expect(at({}, 400)).toBeGreaterThan(at({}, 2) + 50);
  });

  it('does not let sentinels, missing area, crossed or far-off corners pass', () => {
    const g = layoutGeometry(strip);
    const { upperLeft, upperRight, lowerRight, lowerLeft } = g.corners;
    const bad: Corners[] = [
      { ...g.corners, upperRight: { lon: 999.99, lat: 999.99 } },
      { ...g.corners, lowerLeft: { lon: 10, lat: NaN } },
      { upperLeft, upperRight: upperLeft, lowerRight: upperLeft, lowerLeft: upperLeft },
      { upperLeft, upperRight, lowerRight: upperRight, lowerLeft: upperLeft },
      { upperLeft, upperRight, lowerRight: lowerLeft, lowerLeft: lowerRight },
      { upperLeft, upperRight: lowerRight, lowerRight: upperRight, lowerLeft },
      { ...g.corners, lowerRight: { lon: lowerRight.lon + 60, lat: lowerRight.lat } },
    ];
    for (const corners of bad) {
      expect(() => createCornerModel({ ...g, corners })).toThrow(InvalidProductError);
    }
    expect(() => createCornerModel({ ...g, emissionDeg: 99.99 })).toThrow(InvalidProductError);
    expect(() => createCornerModel({ ...g, lines: 1 })).toThrow(InvalidProductError);
  });
});

const strip: Layout = {
  center: { lon: 21.9, lat: 20 },
  headingDeg: 181,
  mirrored: true,
  lines: 52224,
  samples: 5064,
  acrossM: 1.2,
  alongM: 1.5,
};

describe.skipIf(!haveData(TRUTH_PATH))('against the camera model of M103595705LE', () => {
  const truth = readTruth();
  const geometry = (corners: Corners, cornerRoundingDeg: number): ImageGeometry => ({
    corners,
    lines: truth.lines,
    samples: truth.samples,
    subSolar: { lon: 0, lat: 0 },
    emissionDeg: 0,
    incidenceDeg: 50,
    cornerRoundingDeg,
  });

  it('lies within 25 m rms with exact corners, at zero in the corners, all within the stated radius', () => {
    const model = createCornerModel(geometry(truth.corners, 0));
    const errors = truth.points.map((p) => distanceM(model.locate(p), p));
    expect(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)).toBeLessThan(25);
    expect(Math.max(...errors)).toBeLessThan(40);
    for (const i of [0, 16, errors.length - 17, errors.length - 1]) expect(errors[i]).toBeLessThan(1e-6);
    expect(truth.points.every((p, i) => (errors[i] ?? 0) <= model.locate(p).uncertaintyM)).toBe(true);
  });

  it('holds at least 95 % of the points with corners rounded as the index rounds them', () => {
    const model = createCornerModel(
      geometry(
        mapCorners(truth.corners, () => ({ lon: 0, lat: 0 })),
        0.005,
      ),
    );
    const held = truth.points.filter((p) => distanceM(model.locate(p), p) <= model.locate(p).uncertaintyM);
    expect(held.length / truth.points.length).toBeGreaterThanOrEqual(0.95);
  });

  it('holds at least 95 % under any shift of the rounding, of each corner or of all, and is not lavish', () => {
    const random = mulberry32(7);
    const shift = (): LonLat => ({ lon: random() * 0.01, lat: random() * 0.01 });
    const points = truth.points.filter((_, i) => Math.floor(i / 17) % 8 === 0 && (i % 17) % 4 === 0);
    for (const together of [false, true]) {
      const radii: number[] = [];
      let held = 0;
      for (let run = 0; run < 800; run++) {
        const common = shift();
        const corners = mapCorners(truth.corners, () => (together ? common : shift()));
        const model = createCornerModel(geometry(corners, 0.005));
        for (const p of points) {
          const place = model.locate(p);
          radii.push(place.uncertaintyM);
          if (distanceM(place, p) <= place.uncertaintyM) held++;
        }
      }
      expect(held / radii.length).toBeGreaterThanOrEqual(0.95);
      expect(radii.reduce((a, b) => a + b, 0) / radii.length).toBeLessThan(175);
    }
  });
});

/** Rounds corners to 0.01 degree on a shifted grid. */
function mapCorners(corners: Corners, shift: () => LonLat): Corners {
  const round = (place: LonLat): LonLat => {
    const s = shift();
    const snap = (value: number, offset: number) => Math.round((value + offset) * 100) / 100 - offset;
    return { lon: snap(place.lon, s.lon), lat: snap(place.lat, s.lat) };
  };
  return {
    upperLeft: round(corners.upperLeft),
    upperRight: round(corners.upperRight),
    lowerRight: round(corners.lowerRight),
    lowerLeft: round(corners.lowerLeft),
  };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
