import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastField } from '../../src/scoring/contrast-field.js';
import { TRI_FLOOR, TRI_MARGIN, TriFinder } from '../../src/scoring/tri.js';
import { terrain, type Picture } from './support.js';

const DEGREE = Math.PI / 180;
const vector = (degrees: number) => ({ x: Math.cos(degrees * DEGREE), y: Math.sin(degrees * DEGREE) });

function fieldOf(picture: Picture, nulls: Uint8Array | null = null, firstLine = 0) {
  const { width, height: lines, data } = picture;
  return contrastField({ firstLine, width, lines, data, stride: width, offset: 0, nulls }, TRI_MARGIN);
}

/** A bright body at (x, y) and a dark patch `length` px from it towards `degrees`. */
function body(x: number, y: number, degrees: number, length = 5): Picture {
  const picture = { width: 128, height: 128, data: new Uint8Array(128 * 128).fill(100) };
  const d = vector(degrees);
  const blob = (cx: number, cy: number, dn: number): void => {
    for (let py = 0; py < 128; py++) {
      for (let px = 0; px < 128; px++) if (Math.hypot(px - cx, py - cy) < 2) picture.data[py * 128 + px] = dn;
    }
  };
  blob(x + length * d.x, y + length * d.y, 10);
  blob(x, y, 220);
  return picture;
}

describe('local contrast', () => {
  it('is that of exact Gaussian means within one part in fifty, away from the border that both repeat', () => {
    const picture = terrain(150, 140, 5);
    const { width, height } = picture;
    const exact = exactContrast(picture);
    const field = fieldOf(picture);
    let worst = 0;
    let scale = 0;
    const border = 12;
    for (let y = border; y < height - border; y++) {
      for (let x = border; x < width - border; x++) {
        const value = field.values[(y + field.margin) * field.stride + x + field.margin]!;
        worst = Math.max(worst, Math.abs(value - exact[y * width + x]!));
        scale = Math.max(scale, Math.abs(exact[y * width + x]!));
      }
    }
    expect(worst).toBeLessThan(0.02 * scale);
  });

  it('is zero on even ground, whatever its brightness', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 64, max: 90 }), (dn, side) => {
        const field = fieldOf({
          width: side,
          height: side + 3,
          data: new Uint8Array(side * (side + 3)).fill(dn),
        });
        expect(field.values.every((value) => Math.abs(value) < 1e-5)).toBe(true);
      }),
    );
  });

  it('does not see what lies under null pixels, nor an edge at their border', () => {
    const even = { width: 128, height: 128, data: new Uint8Array(128 * 128).fill(120) };
    const nulls = new Uint8Array(128 * 128);
    for (let y = 40; y < 100; y++) nulls.fill(1, y * 128, (y + 1) * 128);
    nulls.fill(1, 20 * 128, 20 * 128 + 70);
    even.data.forEach((_, i) => nulls[i] === 1 && (even.data[i] = 0));
    expect(fieldOf(even, nulls).values.every((value) => Math.abs(value) < 1e-4)).toBe(true);
  });
});

describe('the sun-directed response', () => {
  it('finds a lit body by the shadow behind it, and says where it stands', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 52 }),
        fc.integer({ min: 12, max: 52 }),
        fc.integer({ min: 0, max: 359 }),
        (x, y, degrees) => {
          const tri = new TriFinder(fieldOf(body(32 + x, 32 + y, degrees)), vector(degrees));
          const peak = tri.peak(32, 32, 64);
          expect(peak.value).toBeGreaterThan(0.2);
          expect(Math.hypot(peak.x - x, peak.y - y)).toBeLessThan(3);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('falls as the direction turns away, and vanishes when it is reversed', () => {
    const field = fieldOf(body(64, 64, 20));
    const at = (turn: number): number => new TriFinder(field, vector(20 + turn)).peak(32, 32, 64).value;
    expect(at(0)).toBeGreaterThan(at(45));
    expect(at(45)).toBeGreaterThan(at(90));
    expect(at(180)).toBeLessThan(at(0) / 4);
  });

  it('counts darkness before the bright spot against it, as in a crater', () => {
    const lander = body(64, 64, 0);
    const crater = body(64, 64, 0);
    body(64, 64, 180).data.forEach((dn, i) => dn < 50 && (crater.data[i] = dn));
    const value = (picture: Picture): number =>
      new TriFinder(fieldOf(picture), vector(0)).peak(32, 32, 64).value;
    expect(value(crater)).toBeLessThan(0.8 * value(lander));
  });

  it('without a known direction is at least the best of the sixteen that are tried', () => {
    const field = fieldOf(terrain(128, 128, 9));
    const each = Array.from(
      { length: 16 },
      (_, i) => new TriFinder(field, vector(22.5 * i)).peak(20, 20, 64).value,
    );
    expect(new TriFinder(field, null).peak(20, 20, 64).value).toBe(Math.max(...each));
  });

  it('is the floor on even ground', () => {
    const even = { width: 64, height: 64, data: new Uint8Array(64 * 64).fill(90) };
    expect(new TriFinder(fieldOf(even), vector(0)).peak(0, 0, 64).value).toBe(TRI_FLOOR);
  });

  it('is what the formula gives, point by point', () => {
    const picture = terrain(110, 100, 21);
    const field = fieldOf(picture);
    const d = vector(200);
    const t = (x: number, y: number): number => {
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      const at = (px: number, py: number): number =>
        field.values[
          (Math.min(Math.max(py, 0), 99) + field.margin) * field.stride +
            Math.min(Math.max(px, 0), 109) +
            field.margin
        ]!;
      const [fx, fy] = [x - x0, y - y0];
      const upper = (1 - fx) * at(x0, y0) + fx * at(x0 + 1, y0);
      return (1 - fy) * upper + fy * ((1 - fx) * at(x0, y0 + 1) + fx * at(x0 + 1, y0 + 1));
    };
    let best = TRI_FLOOR;
    for (let y = 3; y < 61; y++) {
      for (let x = 46 + 3; x < 46 + 61; x++) {
        const before = Math.min(...[3, 4.5, 6.5, 9, 12].map((k) => t(x - k * d.x, y - k * d.y)));
        const beside = Math.max(...[6, 9, -6, -9].map((m) => Math.abs(t(x - m * d.y, y + m * d.x))));
        for (const length of [1.5, 2.5, 4, 6, 8]) {
          const dipole = Math.min(t(x, y), -t(x + length * d.x, y + length * d.y));
          best = Math.max(best, dipole - Math.max(0, -before) - 0.5 * beside);
        }
      }
    }
    expect(new TriFinder(field, d).peak(46, 0, 64).value).toBeCloseTo(best, 6);
  });
});

/** t = G0.8 * (DoG / max(G8 * x, 0.05)) straight from the definition, kernels cut at four sigma. */
function exactContrast({ width, height, data }: Picture): Float64Array {
  const blur = (plane: Float64Array, sigma: number): Float64Array => {
    const radius = Math.ceil(4 * sigma);
    const kernel = Array.from({ length: 2 * radius + 1 }, (_, i) =>
      Math.exp((-0.5 * (i - radius) ** 2) / sigma ** 2),
    );
    const total = kernel.reduce((a, b) => a + b);
    const pass = (source: Float64Array, dx: number, dy: number): Float64Array =>
      source.map((_, i) => {
        const [x, y] = [i % width, Math.floor(i / width)];
        return kernel.reduce((sum, weight, k) => {
          const px = Math.min(Math.max(x + (k - radius) * dx, 0), width - 1);
          const py = Math.min(Math.max(y + (k - radius) * dy, 0), height - 1);
          return sum + (weight / total) * source[py * width + px]!;
        }, 0);
      });
    return pass(pass(plane, 1, 0), 0, 1);
  };
  const x = Float64Array.from(data, (dn) => dn / 255);
  const [fine, coarse, level] = [blur(x, 0.8), blur(x, 4), blur(x, 8)];
  return blur(
    fine.map((value, i) => (value - coarse[i]!) / Math.max(level[i]!, 0.05)),
    0.8,
  );
}
