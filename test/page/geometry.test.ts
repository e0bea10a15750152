import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getPointResolution } from 'ol/proj.js';
import { boxOf } from '../../src/page/map/box.js';
import { moonMap, type MapKind } from '../../src/page/map/projections.js';
import { MOON_RADIUS, groundCircle, longitudeSpan, normalLongitude } from '../../src/page/sphere.js';

const RADIANS = Math.PI / 180;
const lon = fc.double({ min: -180, max: 180, noNaN: true });
const lat = fc.double({ min: -89.9, max: 89.9, noNaN: true });

/** Haversine on the Moon's sphere, metres. */
function distance(a: readonly [number, number], b: readonly [number, number]): number {
  const h =
    Math.sin(((b[1] - a[1]) * RADIANS) / 2) ** 2 +
    Math.cos(a[1] * RADIANS) * Math.cos(b[1] * RADIANS) * Math.sin(((b[0] - a[0]) * RADIANS) / 2) ** 2;
  return 2 * MOON_RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

describe('circles on the ground', () => {
  it('have every point at the radius, and are in one piece across 180', () => {
    fc.assert(
      fc.property(lon, lat, fc.double({ min: 50, max: 500_000, noNaN: true }), (x, y, radius) => {
        const ring = groundCircle(x, y, radius);
        for (const place of ring) expect(distance([x, y], place) / radius).toBeCloseTo(1, 4);
        // Away from the poles the ring's longitudes do not jump.
        if (Math.abs(y) < 60)
          ring.slice(1).forEach(([next], i) => expect(Math.abs(next - (ring[i]?.[0] ?? 0))).toBeLessThan(20));
      }),
    );
  });
});

describe('spans of longitudes', () => {
  it('hold all of them and are the narrowest', () => {
    expect(longitudeSpan([179, -179])).toEqual([179, -179]);
    expect(longitudeSpan([-10, 20, 5])).toEqual([-10, 20]);
    expect(longitudeSpan([33])).toEqual([33, 33]);
    fc.assert(
      fc.property(fc.array(lon, { minLength: 1, maxLength: 6 }), (all) => {
        const [west, east] = longitudeSpan(all);
        const width = (((east - west) % 360) + 360) % 360;
        for (const one of all)
          expect((((normalLongitude(one) - west) % 360) + 360) % 360).toBeLessThanOrEqual(width + 1e-9);
      }),
    );
  });
});

describe('maps of the Moon', () => {
  it('place points where PROJ does', () => {
    expect(moonMap('north').forward(90, 80)[0]).toBeCloseTo(304005.6080198807, 6);
    expect(moonMap('south').forward(90, -80)[0]).toBeCloseTo(304005.6080198807, 6);
    const [x, y] = moonMap('cylindrical').forward(1, 1);
    expect([x, y]).toEqual([expect.closeTo(30323.35042415, 6), expect.closeTo(30323.35042415, 6)]);
  });

  it('run on past 180 on the cylindrical map', () => {
    const map = moonMap('cylindrical');
    expect(map.forward(181, 0)[0] - map.forward(-179, 0)[0]).toBeCloseTo(map.worldWidth, 3);
    expect(map.inverse(map.forward(190, 5)[0], map.forward(190, 5)[1])[0]).toBeCloseTo(-170, 9);
  });

  it('know how many metres of the Moon a pixel is, for the scale bar', () => {
    for (const kind of ['cylindrical', 'north', 'south'] satisfies MapKind[]) {
      const map = moonMap(kind);
      fc.assert(
        fc.property(lon, fc.double({ min: -80, max: 80, noNaN: true }), (x, y) => {
          if (!map.shows(y)) return;
          const place = map.forward(x, y);
          // Ground length of a short step across the map, by the sphere alone.
          const step = map.inverse(place[0] + 10, place[1]);
          expect(getPointResolution(map.projection, 10, place)).toBeCloseTo(distance([x, y], step), 2);
        }),
        { numRuns: 30 },
      );
    }
  });
});

describe('the box that a piece of a map shows', () => {
  const kind = fc.constantFrom<MapKind>('cylindrical', 'north', 'south');
  /** Not to the very border: beyond a pole there is no place. */
  const share = fc.double({ min: -0.499, max: 0.499, noNaN: true });

  it('holds its middle and its corners, also across 180 and around a pole', () => {
    fc.assert(
      fc.property(
        kind,
        share,
        share,
        fc.double({ min: 0.001, max: 0.4, noNaN: true }),
        (name, x, y, size) => {
          const map = moonMap(name);
          const [west = 0, south = 0, east = 0, north = 0] = map.extent;
          const [dx, dy] = [(size * (east - west)) / 2, (size * (north - south)) / 2];
          const [cx, cy] = [x * (east - west - 2 * dx), y * (north - south - 2 * dy)];
          const box = boxOf(map, [cx - dx, cy - dy, cx + dx, cy + dy])!;
          expect(box).not.toBeNull();
          for (const [px, py] of [-1, 0, 1].flatMap((u) =>
            [-1, 0, 1].map((v) => [cx + u * dx, cy + v * dy]),
          )) {
            const [lon, lat] = map.inverse(px!, py!);
            if (!map.shows(lat)) continue;
            expect(lat).toBeGreaterThanOrEqual(box[1] - 1e-6);
            expect(lat).toBeLessThanOrEqual(box[3] + 1e-6);
            const width = (box[2] - box[0] + 360) % 360 || 360;
            // The pole itself has every longitude.
            if (Math.abs(lat) < 89.999)
              expect((lon - box[0] + 360 + 1e-6) % 360).toBeLessThanOrEqual(width + 2e-6);
          }
        },
      ),
    );
  });

  it('is that of the whole Moon in width where the map repeats itself', () => {
    const map = moonMap('cylindrical');
    expect(boxOf(map, [-map.worldWidth, -1e6, map.worldWidth, 1e6])!.filter((_, i) => i % 2 === 0)).toEqual([
      -180, 180,
    ]);
  });
});
