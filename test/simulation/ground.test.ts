import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { craterProfile, OLDEST } from '../../src/simulation/crater-profile.js';
import { forEachCrater, SMALLEST_CRATER } from '../../src/simulation/craters.js';
import { detectorColumns, litColumns } from '../../src/simulation/detector.js';
import { lightOf } from '../../src/simulation/light.js';
import { RandomStream } from '../../src/simulation/random.js';
import { sweepShadows } from '../../src/simulation/shadows.js';
import { TERRAINS } from '../../src/simulation/terrain.js';
import { direction, scene } from './scenes.js';

const REAL = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/data/nac');

describe('craters', () => {
  it.each(['smooth', 'rugged'] as const)('follow the power law of %s terrain', (kind) => {
    const terrain = { ...TERRAINS[kind], clusters: 0 };
    const side = 4000;
    const diameters: number[] = [];
    forEachCrater(3, terrain, { x: 0, y: 0, width: side, height: side }, 0, SMALLEST_CRATER, (crater) => {
      if (crater.x >= 0 && crater.x < side && crater.y >= 0 && crater.y < side)
        diameters.push(crater.radius * 2);
    });
    const larger = (d: number): number => diameters.filter((diameter) => diameter > d).length;
    const slope = Math.log(larger(3) / larger(48)) / Math.log(48 / 3);
    expect(slope).toBeCloseTo(terrain.craterSlope, 0.7);
    expect(larger(3) / (terrain.craterDensity * 3 ** -terrain.craterSlope * side ** 2)).toBeCloseTo(1, 1);
  });

  it('are the same in every region that shows them', () => {
    const seen = (x: number): Set<string> => {
      const found = new Set<string>();
      forEachCrater(
        4,
        TERRAINS.rugged,
        { x, y: -50, width: 300, height: 300 },
        1,
        SMALLEST_CRATER,
        (crater) => {
          const shared = crater.x > 100 && crater.x < 200 && crater.y > 0 && crater.y < 200;
          if (shared) found.add(JSON.stringify(crater));
        },
      );
      return found;
    };
    expect(seen(0)).toEqual(seen(90));
  });

  it('wear down with age', () => {
    const depths = [0, 0.01, 0.05, 0.2, OLDEST].map((age) => {
      const profile = craterProfile(age);
      return Math.max(...profile) - profile[0]!;
    });
    expect(depths[0]).toBeCloseTo(0.95, 1);
    for (const [n, depth] of depths.slice(1).entries()) expect(depth).toBeLessThan(depths[n]!);
    expect(depths.at(-1)).toBeLessThan(0.2);
  });
});

describe('shadows', () => {
  it.each([0, 37, 90, 160, 201, 270, 333])(
    'of a pole are h tan(i) long, away from the Sun (%i deg)',
    (sun) => {
      const light = lightOf(direction(sun), 65, 1, 1);
      const size = 101;
      const data = new Float32Array(size * size);
      const height = 10;
      data[50 * size + 50] = height;
      sweepShadows({ x: 0, y: 0, width: size, height: size, data }, light);
      const dark: { along: number; across: number }[] = [];
      data.forEach((value, k) => {
        if (value > 0.5) return;
        const [dx, dy] = [(k % size) - 50, Math.floor(k / size) - 50];
        dark.push({
          along: -(dx * light.image.x + dy * light.image.y),
          across: Math.abs(dx * light.image.y - dy * light.image.x),
        });
      });
      const longest = Math.max(...dark.map(({ along }) => along));
      expect(Math.abs(longest - height * light.tan)).toBeLessThan(2);
      expect(Math.min(...dark.map(({ along }) => along))).toBeGreaterThan(0);
      expect(Math.max(...dark.map(({ across }) => across))).toBeLessThan(1);
    },
  );
});

describe('the detector', () => {
  it.each([
    ['LEFT', 41, 5041],
    ['RIGHT', 25, 5024],
  ] as const)('has dark columns on both sides of a full %s frame', (frame, from, to) => {
    expect(litColumns(5064, frame)).toEqual({ from, to });
    const pixels = scene({ lines: 400, samples: 5064, frame, landers: 0 }).render(0, 8);
    const columns = detectorColumns(5064, frame);
    const odd = columns.filter((column) => column.level > 20).map((column) => column.sample);
    expect(odd).toHaveLength(2);
    for (const { sample } of columns) {
      const dn = pixels[3 * 5064 + sample]!;
      if (odd.includes(sample)) expect(dn).toBeGreaterThan(30);
      else expect(dn).toBeLessThan(10);
    }
    expect(pixels[3 * 5064 + from]!).toBeGreaterThan(20);
    expect(pixels[3 * 5064 + to - 1]!).toBeGreaterThan(20);
  });

  it('has half of them in a summed frame and none in other widths', () => {
    expect(litColumns(2532, 'RIGHT')).toEqual({ from: 13, to: 2512 });
    expect(detectorColumns(800, 'LEFT')).toEqual([]);
  });
});

describe('random numbers', () => {
  it('have the moments of their laws', () => {
    const random = new RandomStream(5);
    const draws = Array.from({ length: 20_000 }, () => random.normal());
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(variance).toBeCloseTo(1, 1);
    const counts = Array.from({ length: 5000 }, () => random.poisson(4));
    expect(counts.reduce((a, b) => a + b, 0) / counts.length).toBeCloseTo(4, 0);
  });
});

describe('beside real crops', () => {
  const present = existsSync(REAL);
  if (!present) console.log(`skipped: no real crops at ${REAL}`);

  it.skipIf(!present)('tiles have a contrast and a grain within the range of the real ones', async () => {
    const names = (await readdir(REAL)).filter((name) => name.endsWith('small.png'));
    const real = await Promise.all(
      names.map(async (name) => {
        const { data, info } = await sharp(join(REAL, name))
          .greyscale()
          .raw()
          .toBuffer({ resolveWithObject: true });
        return texture(data, info.width, info.height);
      }),
    );
    // The crops are of rugged ground, their Sun stands low, nearly along the lines: shadows tell 60 to 82 degrees.
    for (const incidenceDeg of [62, 66, 70]) {
      const one = scene({
        seed: 11,
        lines: 512,
        samples: 768,
        terrain: 'rugged',
        incidenceDeg,
        towardsSun: direction(8),
      });
      const made = texture(one.render(0, 512), 768, 512);
      for (const figure of ['deviation', 'grain', 'mean'] as const) {
        const values = real.map((crop) => crop[figure]);
        expect(made[figure], `${figure} at ${incidenceDeg}`).toBeGreaterThan(Math.min(...values) / 1.25);
        expect(made[figure], `${figure} at ${incidenceDeg}`).toBeLessThan(Math.max(...values) * 1.25);
      }
    }
  });

  it('smooth ground has half to four fifths of the contrast of rugged ground', () => {
    const contrast = (terrain: 'smooth' | 'rugged') => {
      const one = scene({
        seed: 12,
        lines: 512,
        samples: 768,
        terrain,
        incidenceDeg: 66,
        towardsSun: direction(8),
      });
      return texture(one.render(0, 512), 768, 512).deviation;
    };
    const ratio = contrast('smooth') / contrast('rugged');
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(0.8);
  });
});

/** Mean, median standard deviation of 64 x 64 tiles, and rms step between neighbours relative to it. */
function texture(
  pixels: Uint8Array,
  width: number,
  height: number,
): Record<'mean' | 'deviation' | 'grain', number> {
  const deviations: number[] = [];
  for (let y = 0; y + 64 <= height; y += 64) {
    for (let x = 0; x + 64 <= width; x += 64) {
      let sum = 0;
      let squares = 0;
      for (let n = 0; n < 4096; n++) {
        const value = pixels[(y + (n >> 6)) * width + x + (n & 63)]!;
        sum += value;
        squares += value * value;
      }
      deviations.push(Math.sqrt(squares / 4096 - (sum / 4096) ** 2));
    }
  }
  const deviation = deviations.sort((a, b) => a - b)[deviations.length >> 1]!;
  let steps = 0;
  let sum = 0;
  for (let k = 0; k + 1 < pixels.length; k++) {
    steps += (pixels[k]! - pixels[k + 1]!) ** 2;
    sum += pixels[k]!;
  }
  return { mean: sum / pixels.length, deviation, grain: Math.sqrt(steps / pixels.length) / deviation };
}
