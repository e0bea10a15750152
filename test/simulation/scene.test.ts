import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/domain/errors.js';
import { direction, meanAround, medianAround, scene } from './scenes.js';

describe('a scene', () => {
  it('gives the same pixels whatever the banding', () => {
    const tall = scene({ lines: 1300, samples: 260, terrain: 'rugged', incidenceDeg: 72, landers: 1 });
    const whole = scene(tall.spec).render(0, 1300);
    fc.assert(
      fc.property(fc.nat(1299), fc.integer({ min: 1, max: 400 }), (first, count) => {
        const lines = Math.min(count, 1300 - first);
        const band = tall.render(first, lines);
        expect(Buffer.compare(band, whole.subarray(first * 260, (first + lines) * 260))).toBe(0);
      }),
      { numRuns: 12 },
    );
  });

  it('shows no seam where one internal band ends', () => {
    const { spec } = scene({ lines: 1200, samples: 400, terrain: 'rugged', incidenceDeg: 70, landers: 0 });
    const pixels = scene({ ...spec, towardsSun: direction(90) }).render(0, 1200);
    const steps = Array.from({ length: 1199 }, (_, y) => {
      let sum = 0;
      for (let x = 0; x < 400; x++) sum += Math.abs(pixels[y * 400 + x]! - pixels[(y + 1) * 400 + x]!);
      return sum / 400;
    });
    const around = steps.slice(900, 1150).filter((_, i) => i !== 1023 - 900);
    expect(steps[1023]).toBeLessThan(Math.max(...around));
  });

  it('follows from its seed alone', () => {
    const again = [7, 7, 8].map((seed) => scene({ seed, lines: 450, samples: 450, landers: 1 }));
    const [a, b, c] = again.map((one) => one.render(100, 50));
    expect(Buffer.compare(a!, b!)).toBe(0);
    expect(again[0]!.truth).toEqual(again[1]!.truth);
    expect(Buffer.compare(a!, c!)).not.toBe(0);
  });

  it.each([25, 130, 215, 300])(
    'lights landers towards the Sun and shades them away from it (%i deg)',
    (sun) => {
      const towards = direction(sun);
      const one = scene({
        seed: sun,
        lines: 800,
        samples: 800,
        towardsSun: towards,
        landers: 6,
        incidenceDeg: 62,
      });
      const pixels = one.render(0, 800);
      const landers = one.truth.filter((object) => object.kind === 'lander');
      expect(landers).toHaveLength(6);
      for (const lander of landers) {
        const at = (along: number): number =>
          meanAround(pixels, 800, lander.sample + along * towards.x, lander.line + along * towards.y, 1.2);
        const shadow = -(lander.sizePx / 2 + 2);
        const ground = medianAround(pixels, 800, lander.sample, lander.line, 20);
        const body = meanAround(pixels, 800, lander.sample, lander.line, lander.sizePx * 0.3);
        expect(body).toBeGreaterThan(ground * 1.15);
        expect(at(shadow)).toBeLessThan(ground * 0.6);
        expect(at(-shadow)).toBeGreaterThan(at(shadow) * 1.5);
      }
    },
  );

  it('lights the wall of a fresh crater that is far from the Sun', () => {
    let farLit = 0;
    let craters = 0;
    for (const sun of [40, 140, 220, 320]) {
      const towards = direction(sun);
      const one = scene({
        seed: sun + 1,
        lines: 1500,
        samples: 900,
        terrain: 'rugged',
        towardsSun: towards,
        landers: 0,
      });
      const pixels = one.render(0, 1500);
      for (const { kind, sample, line, sizePx } of one.truth) {
        const inside = Math.min(sample, line, 900 - sample, 1500 - line) > sizePx;
        if (kind !== 'crater' || !inside) continue;
        const wall = (side: number): number => {
          const away = (side * sizePx * 0.75) / 2;
          return meanAround(pixels, 900, sample + away * towards.x, line + away * towards.y, sizePx / 8);
        };
        craters++;
        if (wall(-1) > wall(1)) farLit++;
      }
    }
    expect(craters).toBeGreaterThan(4);
    expect(farLit / craters).toBeGreaterThan(0.85);
  });

  it('keeps landers away from borders, dark columns and each other', () => {
    const { truth } = scene({ seed: 3, lines: 1024, samples: 5064, frame: 'RIGHT', landers: 8 });
    const landers = truth.filter((object) => object.kind === 'lander');
    for (const [n, { line, sample, sizePx, sizeM }] of landers.entries()) {
      expect(line).toBeGreaterThan(100);
      expect(line).toBeLessThan(924);
      expect(sample).toBeGreaterThan(125);
      expect(sample).toBeLessThan(4924);
      expect(sizePx).toBeGreaterThanOrEqual(4);
      expect(sizePx).toBeLessThanOrEqual(9);
      expect(sizeM).toBeCloseTo(sizePx);
      for (const other of landers.slice(n + 1)) {
        expect(Math.hypot(other.line - line, other.sample - sample)).toBeGreaterThan(150);
      }
    }
    expect(truth.map((object) => object.kind)).toEqual(expect.arrayContaining(['rover', 'tracks', 'debris']));
  });

  it('makes rovers and debris brighter than the ground around', () => {
    const one = scene({ seed: 5, lines: 1200, samples: 1200, landers: 8 });
    const pixels = one.render(0, 1200);
    const small = one.truth.filter((object) => object.kind === 'rover' || object.kind === 'debris');
    expect(small.length).toBeGreaterThan(1);
    for (const { sample, line } of small) {
      const here = meanAround(pixels, 1200, sample, line, 0.8);
      expect(here).toBeGreaterThan(medianAround(pixels, 1200, sample, line, 20) * 1.1);
    }
  });

  it('casts shadows as long on the ground in pixels that are not square', () => {
    const towards = direction(90);
    const darkAlong = (alongM: number): number => {
      const one = scene({
        seed: 9,
        lines: 700,
        samples: 700,
        towardsSun: towards,
        incidenceDeg: 70,
        pixelAlongM: alongM,
        landers: 4,
      });
      const pixels = one.render(0, 700);
      const lengths = one.truth
        .filter((object) => object.kind === 'lander')
        .map(({ sample, line }) => {
          const ground = medianAround(pixels, 700, sample, line, 20);
          let dark = 0;
          for (let y = Math.floor(line) - 40; y < line; y++) {
            if (pixels[y * 700 + Math.floor(sample)]! < ground * 0.4) dark++;
          }
          return dark;
        });
      return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    };
    // Lengths count in mean pixels: a line of 2 m beside samples of 1 m is 1.41 of them.
    expect(darkAlong(2)).toBeLessThan(darkAlong(1));
    expect(darkAlong(0.5)).toBeGreaterThan(darkAlong(1));
  });

  it('refuses more hardware than there is room for', () => {
    expect(() => scene({ lines: 300, samples: 300, landers: 5 })).toThrow(UsageError);
  });
});
