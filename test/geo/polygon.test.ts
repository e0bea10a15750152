import { booleanPointInPolygon, booleanValid, kinks } from '@turf/turf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOON_RADIUS_M, type LonLat, type MultiPolygon, type PixelPoint } from '../../src/domain/geometry.js';
import { createCornerModel } from '../../src/geo/corner-model.js';
import { areaM2 } from '../../src/geo/sphere.js';
import { layoutGeometry, type Layout } from './support.js';

const DEGREE = Math.PI / 180;

const base: Layout = {
  center: { lon: 21.9, lat: 20 },
  headingDeg: 178,
  mirrored: false,
  lines: 52224,
  samples: 5064,
  acrossM: 1,
  alongM: 1.2,
};

const model = (o: Layout) => createCornerModel(layoutGeometry(o));
/** Ring around columns of an image, with a point every 1024 lines. */
const stripRing = (columns: { from: number; to: number }, height: number): PixelPoint[] => {
  const steps = Math.ceil(height / 1024);
  const lines = Array.from({ length: steps + 1 }, (_, i) => (i * height) / steps);
  return [
    ...lines.map((line) => ({ sample: columns.to, line })),
    ...[...lines].reverse().map((line) => ({ sample: columns.from, line })),
  ];
};
const box = (x: number, y: number, w: number, h: number): PixelPoint[] => [
  { sample: x, line: y },
  { sample: x + w, line: y },
  { sample: x + w, line: y + h },
  { sample: x, line: y + h },
];

describe('a polygon on the Moon', () => {
  it('has the area of its pixels', () => {
    const polygon = model(base).polygon(stripRing({ from: 64, to: 5024 }, base.lines));
    expect(areaM2(polygon) / (4960 * 1 * base.lines * 1.2)).toBeCloseTo(1, 3);
    expect(polygon.coordinates).toHaveLength(1);
  });

  it('is split at the antimeridian, both parts touching it', () => {
    for (const lon of [180, -180, 179.99]) {
      const polygon = model({ ...base, center: { lon, lat: 5 } }).polygon(
        stripRing({ from: 0, to: 5064 }, base.lines),
      );
      expect(polygon.coordinates).toHaveLength(2);
      const lons = polygon.coordinates.map((part) => (part[0] ?? []).map(([x = NaN]) => x));
      expect(lons.some((l) => Math.max(...l) === 180 && Math.min(...l) > 170)).toBe(true);
      expect(lons.some((l) => Math.min(...l) === -180 && Math.max(...l) < -170)).toBe(true);
      expectSound(polygon);
      expect(areaM2(polygon) / (5064 * base.lines * 1.2)).toBeCloseTo(1, 3);
    }
  });

  it('is closed over a pole that it holds, and holds the whole cap there', () => {
    for (const lat of [90, -90, 89.95, -89.95]) {
      const polygon = model({ ...base, center: { lon: 40, lat } }).polygon(
        stripRing({ from: 0, to: 5064 }, base.lines),
      );
      const lats = polygon.coordinates.flat(2).map(([, y = NaN]) => y);
      expect(lats.some((y) => y === Math.sign(lat) * 90)).toBe(true);
      for (const lon of [-179.9, -90, 0, 33, 150]) {
        expect(booleanPointInPolygon([lon, Math.sign(lat) * 89.99], polygon)).toBe(true);
        expect(booleanPointInPolygon([lon, Math.sign(lat) * 87], polygon)).toBe(false);
      }
      expectSound(polygon);
      expect(areaM2(polygon) / (5064 * base.lines * 1.2)).toBeCloseTo(1, 3);
    }
  });

  it('stays whole beside a pole, with the pole on its very edge or in its corner', () => {
    const o = { ...base, center: { lon: 0, lat: 90 }, lines: 1000, samples: 1000, alongM: 1 };
    for (const ring of [
      box(500, 500, 300, 300),
      box(500, 200, 300, 600),
      box(510, 200, 300, 600),
      box(499.9, 499.9, 3, 3),
    ]) {
      const polygon = model(o).polygon(ring);
      expectSound(polygon);
      expect(areaM2(polygon) / planeArea(ring)).toBeCloseTo(1, 2);
    }
  });

  it('of a concave ring keeps its hollow on both sides of the antimeridian', () => {
    const ring = [
      [0, 0],
      [900, 0],
      [900, 100],
      [100, 100],
      [100, 200],
      [900, 200],
      [900, 300],
      [0, 300],
    ].map(([sample = 0, line = 0]) => ({ sample, line }));
    const o = { ...base, center: { lon: 180, lat: -30 }, lines: 1000, samples: 1000, alongM: 1 };
    const polygon = model(o).polygon(ring);
    expect(polygon.coordinates).toHaveLength(3);
    expectSound(polygon);
    expect(areaM2(polygon) / planeArea(ring)).toBeCloseTo(1, 3);
  });

  it('is valid, within -180..180, and keeps its area: any place, flip, aspect and size', () => {
    const lat = fc.oneof(
      fc.double({ min: -90, max: 90, noNaN: true }),
      fc.double({ min: 88, max: 90, noNaN: true }),
      fc.double({ min: -90, max: -88, noNaN: true }),
    );
    const lon = fc.oneof(
      fc.double({ min: -180, max: 180, noNaN: true }),
      fc.double({ min: 179.9, max: 180, noNaN: true }),
    );
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({
          center: fc.record({ lon, lat }),
          headingDeg: fc.double({ min: 0, max: 360, noNaN: true }),
          mirrored: fc.boolean(),
          lines: fc.integer({ min: 1024, max: 52224 }),
          samples: fc.constantFrom(2532, 5064),
          acrossM: fc.double({ min: 0.25, max: 1.5, noNaN: true }),
          alongM: fc.double({ min: 0.4, max: 1.6, noNaN: true }),
        }),
        fc.tuple(unit, unit, unit, unit),
        fc.boolean(),
        (o, [x, y, w, h], small) => {
          const [width, height] = small
            ? [4 + 20 * w, 4 + 20 * h]
            : [200 + w * 2000, 200 + h * (o.lines - 700)];
          const ring = box(x * (o.samples - width), y * (o.lines - height), width, height);
          const polygon = model(o).polygon(ring);
          expectSound(polygon);
          expect(areaM2(polygon) / (width * height * o.acrossM * o.alongM)).toBeCloseTo(1, 1);
          expect(Math.abs(areaM2(polygon) / solidArea(ring, o) - 1)).toBeLessThan(small ? 0.05 : 0.015);
        },
      ),
      { numRuns: 250 },
    );
  });
});

describe('the area on the sphere', () => {
  it('equals the analytic one of an octant, a cell and a cap', () => {
    const of = (ring: number[][]): number => areaM2({ type: 'MultiPolygon', coordinates: [[ring]] });
    expect(
      of([
        [0, 0],
        [90, 0],
        [90, 90],
        [0, 90],
        [0, 0],
      ]),
    ).toBeCloseTo(4741541012422.558, -1);
    expect(
      of([
        [10, 80],
        [11, 80],
        [11, 81],
        [10, 81],
        [10, 80],
      ]),
    ).toBeCloseTo(151760268.49, 0);
    const cap = 2 * Math.PI * MOON_RADIUS_M ** 2 * (1 - Math.sin(89 * DEGREE));
    expect(
      of([
        [-180, 89],
        [180, 89],
        [180, 90],
        [-180, 90],
        [-180, 89],
      ]) / cap,
    ).toBeCloseTo(1, 9);
  });
});

function expectSound(polygon: MultiPolygon): void {
  expect(booleanValid(polygon)).toBe(true);
  for (const part of polygon.coordinates) {
    expect(part).toHaveLength(1);
    const ring = part[0] ?? [];
    expect(ring.length).toBeGreaterThanOrEqual(4);
    expect(ring[0]).toEqual(ring.at(-1));
    expect(kinks({ type: 'Polygon', coordinates: part }).features).toHaveLength(0);
    let turn = 0;
    ring.forEach(([lon = NaN, lat = NaN], i) => {
      expect(Math.abs(lon)).toBeLessThanOrEqual(180);
      expect(Math.abs(lat)).toBeLessThanOrEqual(90);
      const [nextLon = NaN, nextLat = NaN] = ring[(i + 1) % ring.length] ?? [];
      turn += lon * nextLat - nextLon * lat;
    });
    expect(turn).toBeGreaterThan(0);
  }
}

function planeArea(ring: readonly PixelPoint[]): number {
  const twice = ring.reduce((sum, p, i) => {
    const q = ring[(i + 1) % ring.length] as PixelPoint;
    return sum + p.sample * q.line - q.sample * p.line;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Area of a ring by vectors: a fan of plane triangles, which neither pole nor antimeridian can disturb. */
function solidArea(ring: readonly PixelPoint[], o: Layout): number {
  const ground = model(o);
  const vector = ({ lon, lat }: LonLat): [number, number, number] => [
    MOON_RADIUS_M * Math.cos(lat * DEGREE) * Math.cos(lon * DEGREE),
    MOON_RADIUS_M * Math.cos(lat * DEGREE) * Math.sin(lon * DEGREE),
    MOON_RADIUS_M * Math.sin(lat * DEGREE),
  ];
  const corners = ring.map((p) => vector(ground.locate(p)));
  const sum = [0, 0, 0];
  const origin = corners[0] ?? [0, 0, 0];
  for (let i = 1; i + 1 < corners.length; i++) {
    const a = (corners[i] ?? []).map((c, k) => c - (origin[k] ?? 0)) as [number, number, number];
    const b = (corners[i + 1] ?? []).map((c, k) => c - (origin[k] ?? 0)) as [number, number, number];
    sum[0] = (sum[0] ?? 0) + a[1] * b[2] - a[2] * b[1];
    sum[1] = (sum[1] ?? 0) + a[2] * b[0] - a[0] * b[2];
    sum[2] = (sum[2] ?? 0) + a[0] * b[1] - a[1] * b[0];
  }
  return Math.hypot(...sum) / 2;
}
