import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidProductError } from '../../src/domain/errors.js';
import type { LonLat, PixelPoint, PixelVector } from '../../src/domain/geometry.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { handedness } from '../../src/geo/corners.js';
import { sunAzimuthDeg } from '../../src/geo/sphere.js';
import {
  TRUTH_PATH,
  angleBetween,
  bearingDeg,
  destination,
  haveData,
  layoutGeometry,
  readData,
  readIndexRows,
  readTruth,
  rowGeometry,
  rowPlace,
} from './support.js';

const DEGREE = Math.PI / 180;
const angle = (v: PixelVector) => Math.atan2(v.y, v.x) / DEGREE;

describe('the direction to the Sun in the image', () => {
  const square = { center: { lon: 30, lat: 10 }, lines: 1000, samples: 1000, acrossM: 1, alongM: 1 };
  const middle: PixelPoint = { sample: 500, line: 500 };

  it.each([
    // heading of +line, mirrored, where a Sun in the east shows: right is x > 0, down is y > 0
    { headingDeg: 180, mirrored: false, x: 1, y: 0, name: 'north up, as on a map' },
    { headingDeg: 0, mirrored: false, x: -1, y: 0, name: 'turned by 180 degrees' },
    { headingDeg: 180, mirrored: true, x: -1, y: 0, name: 'north up, mirrored' },
    { headingDeg: 0, mirrored: true, x: 1, y: 0, name: 'south up, mirrored' },
    { headingDeg: 90, mirrored: false, x: 0, y: 1, name: 'lines running east' },
    { headingDeg: 270, mirrored: true, x: 0, y: -1, name: 'lines running west, mirrored' },
  ])('of an eastern Sun is right in an image that lies $name', ({ headingDeg, mirrored, x, y }) => {
    const subSolar = destination(square.center, 90, 1_500_000);
    const sun = createCornerModel(layoutGeometry({ ...square, headingDeg, mirrored, subSolar })).towardsSun(
      middle,
    );
    expect(sun.x).toBeCloseTo(x, 3);
    expect(sun.y).toBeCloseTo(y, 3);
  });

  it('is bent by pixels that are not square', () => {
    const subSolar = destination(square.center, 45, 1_500_000);
    const layout = { ...square, headingDeg: 180, mirrored: false, subSolar, acrossM: 0.25, alongM: 0.5 };
    const sun = createCornerModel(layoutGeometry(layout)).towardsSun(middle);
    expect(angle(sun)).toBeCloseTo(Math.atan2(-2, 4) / DEGREE, 1);
  });

  it('leads, walked in the image, towards the sub-solar point on the ground: any flip, aspect, place', () => {
    const places = fc.record({
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.record({
          center: places,
          headingDeg: fc.double({ min: 0, max: 360, noNaN: true }),
          mirrored: fc.boolean(),
          lines: fc.integer({ min: 1024, max: 52224 }),
          samples: fc.constantFrom(2532, 5064),
          acrossM: fc.double({ min: 0.25, max: 1.5, noNaN: true }),
          alongM: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
        }),
        fc.double({ min: 0, max: 360, noNaN: true }),
        fc.double({ min: 5, max: 90, noNaN: true }),
        (o, azimuth, incidence) => {
          const subSolar = destination(o.center, azimuth, incidence * DEGREE * 1_737_400);
          const model = createCornerModel(layoutGeometry({ ...o, subSolar }));
          const from = { sample: o.samples / 3, line: o.lines / 3 };
          const sun = model.towardsSun(from);
          expect(Math.hypot(sun.x, sun.y)).toBeCloseTo(1, 9);
          const to = { sample: from.sample + 300 * sun.x, line: from.line + 300 * sun.y };
          const [a, b] = [model.locate(from), model.locate(to)];
          fc.pre(Math.abs(a.lat) < 89.5);
          expect(Math.abs(angleBetween(bearingDeg(a, b), sunAzimuthDeg(a, subSolar)))).toBeLessThan(0.3);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is refused where the sub-solar point is not known, while places still come out', () => {
    const g = layoutGeometry({
      ...square,
      headingDeg: 180,
      mirrored: false,
      subSolar: { lon: 999.99, lat: 999.99 },
    });
    const model = createCornerModel(g);
    expect(model.locate(middle).lon).toBeCloseTo(30, 2);
    expect(() => model.towardsSun(middle)).toThrow(InvalidProductError);
  });
});

describe('the azimuth of the Sun on the ground', () => {
  it('runs clockwise from north', () => {
    expect(sunAzimuthDeg({ lon: 0, lat: 0 }, { lon: 90, lat: 0 })).toBeCloseTo(90, 9);
    expect(sunAzimuthDeg({ lon: 0, lat: 0 }, { lon: -90, lat: 0 })).toBeCloseTo(270, 9);
    expect(sunAzimuthDeg({ lon: 10, lat: 40 }, { lon: 10, lat: 0 })).toBeCloseTo(180, 9);
    expect(sunAzimuthDeg({ lon: 179, lat: 0 }, { lon: -179, lat: 0 })).toBeCloseTo(90, 9);
  });
});

describe.skipIf(!haveData('index/INDEX_901.TAB'))('on real index rows', () => {
  const rows = readIndexRows();

  it.each(rows.map((row) => ({ id: row('PRODUCT_ID'), row })))(
    '$id agrees with the SUB_SOLAR_AZIMUTH column',
    ({ row }) => {
      const g = rowGeometry(row);
      const azimuth = Number(row('SUB_SOLAR_AZIMUTH')) * DEGREE;
      // Counter-clockwise on the ground from +sample: upwards in a direct image, downwards in a mirrored one.
      const side = handedness(g.corners) === 'mirrored' ? 1 : -1;
      const expected = {
        x: Math.cos(azimuth) / Number(row('SCALED_PIXEL_WIDTH')),
        y: (side * Math.sin(azimuth)) / Number(row('SCALED_PIXEL_HEIGHT')),
      };
      const sun = createCornerModel(g).towardsSun({ sample: g.samples / 2, line: g.lines / 2 });
      expect(Math.abs(angleBetween(angle(sun), angle(expected)))).toBeLessThan(3);
    },
  );

  it('give an azimuth that equals NORTH_AZIMUTH - SUB_SOLAR_AZIMUTH, and the flight direction its handedness', () => {
    for (const row of rows) {
      const difference = Number(row('NORTH_AZIMUTH')) - Number(row('SUB_SOLAR_AZIMUTH'));
      const azimuth = sunAzimuthDeg(rowPlace(row, 'CENTER'), rowPlace(row, 'SUB_SOLAR'));
      expect(Math.abs(angleBetween(azimuth, difference))).toBeLessThan(2);
      expect(handedness(rowGeometry(row).corners)).toBe(
        row('LRO_FLIGHT_DIRECTION') === '+X' ? 'mirrored' : 'direct',
      );
    }
  });
});

describe.skipIf(!haveData(TRUTH_PATH))('on a camera model', () => {
  it('agrees with the Sun of the ISD and the way the true places run in the image', () => {
    const truth = readTruth();
    const subSolar = subSolarOfIsd(readData('geometry/M103595705LE_isd.json'));
    const model = createCornerModel({
      corners: truth.corners,
      lines: truth.lines,
      samples: truth.samples,
      subSolar,
      emissionDeg: 0,
      incidenceDeg: 50,
      cornerRoundingDeg: 0,
    });
    for (const row of [0, 20, 40, 60]) {
      for (const column of [0, 8, 15]) {
        const at = (i: number, j: number) => truth.points[i * 17 + j] as PixelPoint & LonLat;
        const [here, right, below] = [at(row, column), at(row, column + 1), at(row + 1, column)];
        // Solve for the pixel step towards the Sun from true neighbours, in local east and north.
        const step = (to: LonLat) => ({
          x: (to.lon - here.lon) * Math.cos(here.lat * DEGREE),
          y: to.lat - here.lat,
        });
        const [s, l] = [step(right), step(below)];
        const [ds, dl] = [right.sample - here.sample, below.line - here.line];
        const bearing = sunAzimuthDeg(here, subSolar) * DEGREE;
        const [east, north] = [Math.sin(bearing), Math.cos(bearing)];
        const d = s.x * l.y - s.y * l.x;
        const sun = { x: ((east * l.y - north * l.x) / d) * ds, y: ((s.x * north - s.y * east) / d) * dl };
        expect(Math.abs(angleBetween(angle(model.towardsSun(here)), angle(sun)))).toBeLessThan(0.7);
      }
    }
  });
});

/** Sub-solar point of an ALE image support description: its Sun, turned into the Moon's body-fixed frame. */
function subSolarOfIsd(json: string): LonLat {
  const isd = JSON.parse(json) as {
    sun_position: { positions: number[][] };
    body_rotation: { quaternions: number[][]; constant_rotation: number[] };
  };
  const [w = 0, x = 0, y = 0, z = 0] = isd.body_rotation.quaternions[0] ?? [];
  const spin = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ];
  const turn = (matrix: number[][], v: number[]) =>
    matrix.map((row) => row.reduce((sum, m, i) => sum + m * (v[i] ?? 0), 0));
  const fixed = isd.body_rotation.constant_rotation;
  const constant = [fixed.slice(0, 3), fixed.slice(3, 6), fixed.slice(6, 9)];
  const [px = 0, py = 0, pz = 0] = turn(constant, turn(spin, isd.sun_position.positions[0] ?? []));
  return { lon: Math.atan2(py, px) / DEGREE, lat: Math.atan2(pz, Math.hypot(px, py)) / DEGREE };
}
