import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOON_RADIUS_M } from '../../src/domain/geometry.js';
import { GroundStrip, type StripGeometry } from '../../src/replica/ground-strip.js';
import { angularDistance, bearing, destination, wrap360 } from '../../src/replica/sphere.js';

const RADIANS = Math.PI / 180;
const metres = (degrees: number) => degrees * RADIANS * MOON_RADIUS_M;

const strips = fc.record({
  center: fc.record({
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
    lat: fc.double({ min: -85, max: 85, noNaN: true }),
  }),
  headingDeg: fc.double({ min: 0, max: 360, noNaN: true }),
  mirrored: fc.boolean(),
  lines: fc.integer({ min: 1024, max: 52224 }),
  samples: fc.constantFrom(2532, 5064),
  pixelAcrossM: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
  pixelAlongM: fc.double({ min: 0.5, max: 1.5, noNaN: true }),
}) as fc.Arbitrary<StripGeometry>;

describe('the sphere', () => {
  it('leads back: distance and bearing of a destination are those that were asked for', () => {
    const place = fc.record({
      lon: fc.double({ min: -180, max: 180, noNaN: true }),
      lat: fc.double({ min: -85, max: 85, noNaN: true }),
    });
    const angles = fc.tuple(
      fc.double({ min: 0, max: 359, noNaN: true }),
      fc.double({ min: 0.01, max: 170, noNaN: true }),
    );
    fc.assert(
      fc.property(place, angles, (from, [course, angle]) => {
        const to = destination(from, course, angle);
        expect(angularDistance(from, to)).toBeCloseTo(angle, 6);
        expect(Math.cos((bearing(from, to) - course) * RADIANS)).toBeCloseTo(1, 6);
        expect(Math.abs(to.lon)).toBeLessThanOrEqual(180);
      }),
    );
  });
});

describe('the ground strip', () => {
  it('has its pixels at the asked distances along and across', () => {
    fc.assert(
      fc.property(strips, (geometry) => {
        const { lines, samples, pixelAlongM, pixelAcrossM, center } = geometry;
        const strip = new GroundStrip(geometry);
        const at = (line: number, sample: number) => strip.locate({ line, sample });
        const middle = at(lines / 2, samples / 2);
        expect(metres(angularDistance(middle, center))).toBeLessThan(0.01);
        const along = metres(angularDistance(at(0, samples / 2), at(lines, samples / 2)));
        expect(along / (lines * pixelAlongM)).toBeCloseTo(1, 5);
        const across = metres(angularDistance(at(lines / 3, 0), at(lines / 3, samples)));
        expect(across / (samples * pixelAcrossM)).toBeCloseTo(1, 5);
        expect(bearing(middle, at(lines, samples / 2))).toSatisfy(
          (course: number) => Math.cos((course - geometry.headingDeg) * RADIANS) > 1 - 1e-6,
        );
      }),
    );
  });

  it('is seen from above as mirrored says', () => {
    fc.assert(
      fc.property(strips, (geometry) => {
        const { upperLeft, upperRight, lowerLeft } = new GroundStrip(geometry).corners();
        const turn = wrap360(bearing(upperLeft, lowerLeft) - bearing(upperLeft, upperRight));
        // Image axes go from right to down clockwise; on the ground a mirrored image goes the other way.
        expect(turn < 180).toBe(!geometry.mirrored);
      }),
    );
  });

  it('points to the Sun where the rule for SUB_SOLAR_AZIMUTH points, in all four flips', () => {
    for (const heading of [4, 176]) {
      for (const mirrored of [false, true]) {
        const geometry = {
          headingDeg: heading,
          mirrored,
          lines: 4096,
          samples: 5064,
          pixelAcrossM: 0.6,
          pixelAlongM: 1.1,
        };
        const center = { lon: 179.9, lat: -40 };
        const strip = new GroundStrip({ ...geometry, center });
        const sun = { lon: -130, lat: 1 };
        const azimuth = (strip.sampleBearingDeg() - bearing(center, sun)) * RADIANS;
        // Counter-clockwise from +sample as seen from above: up on the screen, down in a mirrored image.
        const x = Math.cos(azimuth) / 0.6;
        const y = ((mirrored ? 1 : -1) * Math.sin(azimuth)) / 1.1;
        const found = strip.directionTo(sun);
        expect(found.x).toBeCloseTo(x / Math.hypot(x, y), 3);
        expect(found.y).toBeCloseTo(y / Math.hypot(x, y), 3);
      }
    }
  });
});
