import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInBox, meetsBox, type LonLatBox } from '../../src/archive/choose/meets-box.js';
import type { Corners, LonLat } from '../../src/domain/geometry.js';
import { GroundStrip } from '../../src/replica/ground-strip.js';

/** An image 5 x 60 km large about a place. */
function strip(center: LonLat, headingDeg = 180, lines = 60_000): GroundStrip {
  return new GroundStrip({
    center,
    headingDeg,
    mirrored: false,
    lines,
    samples: 5000,
    pixelAcrossM: 1,
    pixelAlongM: 1,
  });
}

const cornersAt = (lon: number, lat: number, headingDeg?: number): Corners =>
  strip({ lon, lat }, headingDeg).corners();

describe('a footprint and a box', () => {
  it.each<[string, Corners, LonLatBox, boolean]>([
    ['the image around the box', cornersAt(10, 20), [9.99, 19.99, 10.01, 20.01], true],
    ['the box around the image', cornersAt(10, 20), [0, 0, 20, 40], true],
    [
      'the image across the box, no corner of either within the other',
      cornersAt(10, 20),
      [5, 19.9, 15, 20.1],
      true,
    ],
    ['beside the box', cornersAt(10, 20), [10.2, 19, 12, 21], false],
    ['the other side of the Moon', cornersAt(10, 20), [-172, -22, -168, -18], false],
    ['a box in longitudes of 0..360', cornersAt(-10, 20), [345, 10, 355, 30], true],
    ['a box over 0 written from 350 to 10', cornersAt(2, 20), [350, 10, 10, 30], true],
    ['a box over 180', cornersAt(-179, 0), [170, -5, -170, 5], true],
    ['a box that ends before 180', cornersAt(-179, 0), [170, -5, 179.5, 5], false],
    ['an image over 180 and a box to its west', cornersAt(180, 0), [179, -5, 179.95, 5], true],
    ['an image over 180 and a box to its east', cornersAt(180, 0), [-179.95, -5, -179, 5], true],
    ['an image over 180 and the rest of the Moon', cornersAt(180, 0), [-179.8, -90, 179.8, 90], false],
    ['an image over the pole, whatever the longitude', cornersAt(0, 90), [100, 89.9, 101, 90], true],
    ['an image over the pole and a box below it', cornersAt(0, 90), [80, 80, 100, 88], false],
    ['an image over the south pole', cornersAt(0, -90), [-10, -90, -5, -89.99], true],
    ['an image past the pole', cornersAt(45, 89.5, 45), [-135, 89.2, -134, 89.4], false],
    ['the whole Moon', cornersAt(33, -70), [-180, -90, 180, 90], true],
    ['the whole Moon as 0..360', cornersAt(33, -70), [0, -90, 360, 90], true],
    ['a cap around the pole', cornersAt(123, 85), [-180, 80, 180, 90], true],
    ['a box without width', cornersAt(10, 20), [10, 0, 10, 90], true],
  ])('%s', (_, corners, box, meet) => {
    expect(meetsBox(corners, box)).toBe(meet);
  });

  const lat = fc.oneof(
    fc.double({ min: -88, max: 88, noNaN: true }),
    fc.double({ min: 88, max: 89.99, noNaN: true }),
    fc.double({ min: -89.99, max: -88, noNaN: true }),
  );
  const lon = fc.double({ min: -180, max: 180, noNaN: true });
  const heading = fc.double({ min: 0, max: 360, noNaN: true });
  const share = fc.double({ min: 0.02, max: 0.98, noNaN: true });

  it('meet wherever the image has a pixel in the box', () => {
    fc.assert(
      fc.property(
        lon,
        lat,
        heading,
        share,
        share,
        fc.double({ min: 0, max: 300, noNaN: true }),
        (x, y, turn, s, l, width) => {
          const image = strip({ lon: x, lat: y }, turn);
          const inside = image.locate({ sample: 5000 * s, line: 60_000 * l });
          const west = inside.lon - width / 2;
          const box: LonLatBox = [
            west < -180 ? west + 360 : west,
            Math.max(-90, inside.lat - 1e-3),
            inside.lon + width / 2 > 180 ? inside.lon + width / 2 - 360 : inside.lon + width / 2,
            Math.min(90, inside.lat + 1e-3),
          ];
          expect(isInBox(inside, box)).toBe(true);
          expect(meetsBox(image.corners(), box)).toBe(true);
        },
      ),
    );
  });

  it('do not meet where no pixel is near the box', () => {
    const grid = Array.from({ length: 21 }, (_, i) => i / 20);
    fc.assert(
      fc.property(lon, lat, heading, lon, lat, share, share, (x, y, turn, west, south, width, height) => {
        const image = strip({ lon: x, lat: y }, turn);
        const box: LonLatBox = [west, south, west + 40 * width, Math.min(90, south + 20 * height)];
        const grown: LonLatBox = [west - 60, south - 0.2, west + 40 * width + 60, box[3] + 0.2];
        const near = grid.some((s) =>
          grid.some((l) => isInBox(image.locate({ sample: 5000 * s, line: 60_000 * l }), grown)),
        );
        fc.pre(!near);
        expect(meetsBox(image.corners(), box)).toBe(false);
      }),
    );
  });

  it('do not depend on how longitudes are written', () => {
    fc.assert(
      fc.property(lon, lat, heading, lon, lat, (x, y, turn, west, south) => {
        const corners = cornersAt(x, y, turn);
        const north = Math.min(90, south + 15);
        const meet = meetsBox(corners, [west, south, west + 30, north]);
        const east = west + 30 > 180 ? west - 330 : west + 30;
        expect(meetsBox(corners, [west, south, east, north])).toBe(meet);
        if (west < 0)
          expect(meetsBox(corners, [west + 360, south, west + 30 < 0 ? west + 390 : west + 30, north])).toBe(
            meet,
          );
      }),
    );
  });
});
