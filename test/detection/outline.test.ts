import { booleanValid, kinks } from '@turf/turf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PixelPoint } from '../../src/domain/geometry.js';
import { outlineBody } from '../../src/detection/body.js';
import { connectedRegion, traceOutline } from '../../src/detection/outline.js';

const ringArea = (ring: readonly PixelPoint[]): number =>
  ring.slice(1).reduce((sum, q, i) => sum + ring[i]!.sample * q.line - q.sample * ring[i]!.line, 0) / 2;

describe('an outline', () => {
  it('of one pixel is its square', () => {
    const region = connectedRegion(
      { width: 3, height: 3, inside: Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]) },
      1,
      1,
    );
    expect(traceOutline(region)).toEqual([
      { sample: 1, line: 1 },
      { sample: 2, line: 1 },
      { sample: 2, line: 2 },
      { sample: 1, line: 2 },
      { sample: 1, line: 1 },
    ]);
  });

  it('holds the area of its pixels, is closed and never crosses or touches itself, whatever the region', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 14 }),
        fc.array(fc.boolean(), { minLength: 196, maxLength: 196 }),
        fc.nat(),
        (width, height, flags, seed) => {
          const inside = Uint8Array.from(flags.slice(0, width * height), (f) => (f ? 1 : 0));
          const start = seed % (width * height);
          inside[start] = 1;
          const region = connectedRegion({ width, height, inside }, start % width, Math.floor(start / width));
          const ring = traceOutline(region);
          expect(ring[0]).toEqual(ring.at(-1));
          expect(ringArea(ring)).toBe(region.inside.reduce((a, b) => a + b, 0));
          const coordinates = [ring.map((p) => [p.sample, p.line])];
          expect(booleanValid({ type: 'Polygon', coordinates })).toBe(true);
          expect(kinks({ type: 'Polygon', coordinates }).features).toHaveLength(0);
          expect(new Set(ring.slice(1).map((p) => `${p.sample},${p.line}`)).size).toBe(ring.length - 1);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a body', () => {
  const window = { x: 1000, y: 2000, width: 100, height: 90 };
  const scene = (paint: (x: number, y: number) => number) => {
    const pixels = new Uint8Array(window.width * window.height);
    pixels.forEach((_, i) => (pixels[i] = paint(i % window.width, Math.floor(i / window.width))));
    // A model that explains terrain as a flat 90 DN.
    return { pixels, residual: Float32Array.from(pixels, (v) => (v - 90) / 255) };
  };

  it('is outlined with its size and a centre better than a pixel', () => {
    const { pixels, residual } = scene((x, y) =>
      x >= 40 && x < 46 && y >= 50 && y < 53 ? 200 : 90 + ((x * 7 + y * 3) % 5),
    );
    const body = outlineBody(window, pixels, residual, { x: 41, y: 51 });
    expect(body).toMatchObject({ widthPx: 6, heightPx: 3 });
    expect(body.peak.sample).toBeCloseTo(1043, 1);
    expect(body.peak.line).toBeCloseTo(2051.5, 1);
    expect(ringArea(body.outline)).toBe(18);
  });

  it('ends where the model explains the light, as on a sunlit slope', () => {
    const { pixels, residual } = scene((x, y) =>
      x >= 40 && x < 45 && y >= 50 && y < 54 ? 210 : x < 40 ? 180 : 90,
    );
    residual.forEach((_, i) => {
      if (i % window.width < 40) residual[i] = 0;
    });
    const body = outlineBody(window, pixels, residual, { x: 42, y: 51 });
    expect(body).toMatchObject({ widthPx: 5, heightPx: 4 });
  });

  it('beside lost data is measured against the ground alone', () => {
    const { pixels, residual } = scene((x, y) =>
      x < 42 ? 0 : x >= 43 && x < 47 && y >= 50 && y < 53 ? 170 : y % 3 === 0 ? 60 : 118,
    );
    const body = outlineBody(window, pixels, residual, { x: 44, y: 51 }, true);
    expect(body).toMatchObject({ widthPx: 4, heightPx: 3 });
    // Zeros that may be shadow are part of the picture.
    expect(outlineBody(window, pixels, residual, { x: 44, y: 51 }, false).widthPx).toBeGreaterThan(4);
  });

  it('without contrast is drawn from the error, and is a pixel at least', () => {
    const { pixels, residual } = scene(() => 90);
    residual.fill(0);
    expect(outlineBody(window, pixels, residual, { x: 10, y: 10 })).toMatchObject({
      widthPx: 1,
      heightPx: 1,
    });
    residual[10 * window.width + 11] = -0.3;
    residual[10 * window.width + 12] = -0.2;
    const body = outlineBody(window, pixels, residual, { x: 10, y: 10 });
    expect(body).toMatchObject({ widthPx: 2, heightPx: 1 });
    expect(body.peak.sample).toBeCloseTo(1000 + (11.5 * 0.3 + 12.5 * 0.2) / 0.5, 3);
    residual.fill(NaN);
    const unseen = outlineBody(window, pixels, residual, { x: 10, y: 10 });
    expect(unseen.peak).toEqual({ sample: 1010.5, line: 2010.5 });
  });

  it('stays inside the image, has an area, and its centre lies within its extent, for any picture', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 900, maxLength: 900 }),
        fc.nat({ max: 29 }),
        fc.nat({ max: 29 }),
        (noise, x, y) => {
          const small = { x: 7, y: 9, width: 30, height: 30 };
          const body = outlineBody(
            small,
            noise,
            Float32Array.from(noise, (v) => (v - 128) / 255),
            { x, y },
          );
          expect(ringArea(body.outline)).toBeGreaterThanOrEqual(1);
          for (const p of body.outline) {
            expect(p.sample).toBeGreaterThanOrEqual(7);
            expect(p.sample).toBeLessThanOrEqual(37);
            expect(p.line).toBeGreaterThanOrEqual(9);
            expect(p.line).toBeLessThanOrEqual(39);
          }
          const samples = body.outline.map((p) => p.sample);
          expect(body.peak.sample).toBeGreaterThan(Math.min(...samples));
          expect(body.peak.sample).toBeLessThan(Math.max(...samples));
        },
      ),
      { numRuns: 200 },
    );
  });
});
