import { describe, expect, it } from 'vitest';
import type { ScanProfile } from '../../src/domain/scan-profile.js';
import { classShares, measureDrift, stabilityIndex } from '../../src/scoring/drift.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { BrightnessCounter, profileOf } from '../../src/scoring/scan-profile.js';
import { seeded } from './support.js';

const POOLED = { mad: 0.1, logA: { median: 0, mad: 1 }, logBright: { median: 0, mad: 1 } };

/** An image of a light: bright under a high Sun, of high contrast under a low one. */
function image(
  seed: number,
  incidenceDeg: number,
  {
    brighter = 0,
    contrastier = 1,
    tail = 1,
  }: { brighter?: number; contrastier?: number; tail?: number } = {},
): ScanProfile {
  const random = seeded(seed);
  const values = Float32Array.from({ length: 400 }, () => -tail * Math.log(1 - random()));
  const mad = values.map(() => contrastier * 0.002 * incidenceDeg * (0.7 + 0.6 * random()));
  const width = 160;
  const data = Uint8Array.from({ length: width * width }, () =>
    Math.min(255, 40 + brighter + (100 - incidenceDeg) * (0.5 + random())),
  );
  const counter = new BrightnessCounter();
  counter.add({ firstLine: 0, lines: width, width, data });
  return profileOf('b', values, { mad }, counter.histogram(), incidenceDeg)!;
}

const lights = (seed: number, changes = {}): ScanProfile[] =>
  Array.from({ length: 20 }, (_, i) => image(seed + i, 25 + 2.5 * i, changes));
const reference = fitCalibration(lights(1), 'b', { pooled: POOLED });
const indices = (profiles: readonly ScanProfile[]) => {
  const { brightness, contrast, score } = measureDrift(reference, profiles);
  return { brightness: brightness.index, contrast: contrast.index, score: score.index };
};

describe('input drift', () => {
  it('is small for other images of the same kind, many or few of them', () => {
    for (const profiles of [lights(500), lights(900), lights(900).filter((_, i) => i % 2 === 0)]) {
      const found = indices(profiles);
      for (const index of Object.values(found)) expect(index).toBeLessThan(0.25);
    }
  });

  it.each([
    ['brightness', { brighter: 40 }],
    ['contrast', { contrastier: 1.6 }],
    ['score', { tail: 1.8 }],
  ] as const)('is large for images of another %s, and of that alone', (input, changes) => {
    const found = indices(lights(700, changes));
    for (const [name, index] of Object.entries(found))
      if (name === input) expect(index).toBeGreaterThan(0.25);
      else expect(index, name).toBeLessThan(0.25);
  });

  it('shows the quantiles of the scans beside those of the reference', () => {
    const { brightness, score } = measureDrift(reference, lights(700, { brighter: 40 }));
    for (const { seen, expected } of brightness.quantiles) expect(seen - expected).toBeCloseTo(40, -1);
    for (const { seen, expected } of score.quantiles) expect(Math.abs(seen - expected)).toBeLessThan(0.1);
  });

  it('has classes that add up to 1', () => {
    const shares = classShares({ first: 3, counts: [4, 0, 4] }, [3.5, 4.5, 5.5]);
    expect(shares).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(stabilityIndex([0.5, 0.5], [0.5, 0.5])).toBe(0);
    // (0.8 - 0.5) ln 1.6 + (0.2 - 0.5) ln 0.4
    expect(stabilityIndex([0.8, 0.2], [0.5, 0.5])).toBeCloseTo(0.4159, 4);
  });
});

describe('the counter of grey levels', () => {
  it('counts every line once, however the image is cut into strips', () => {
    const width = 5064;
    const data = Uint8Array.from({ length: width * 300 }, (_, i) => (i * 7919) % 256);
    const strip = (firstLine: number, lines: number) => ({
      firstLine,
      lines,
      width,
      data: data.subarray(firstLine * width, (firstLine + lines) * width),
    });
    const whole = new BrightnessCounter();
    whole.add(strip(0, 300));
    const cut = new BrightnessCounter();
    for (const [from, lines] of [
      [0, 90],
      [51, 100],
      [100, 60],
      [121, 179],
    ] as const)
      cut.add(strip(from, lines));
    expect(cut.histogram()).toEqual(whole.histogram());
    const counted = whole.histogram().counts.reduce((a, b) => a + b, 0);
    expect(counted).toBeGreaterThan(0.95 * 620 * 38);
    expect(counted).toBeLessThanOrEqual(620 * 38);
  });
});
