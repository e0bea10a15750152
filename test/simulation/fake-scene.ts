import type { Scene } from '../../src/simulation/scene.js';
import { scene } from './scenes.js';

/** A scene of given radiances in place of ground, row by row: for what is written of scenes. */
export function fakeScene(
  width: number,
  height: number,
  radiance: (sample: number, line: number) => number,
): Scene {
  const { spec } = scene({ lines: 400, samples: 400, landers: 0 });
  const band = (firstLine: number, lines: number): number[] =>
    Array.from({ length: lines * width }, (_, i) => radiance(i % width, firstLine + Math.floor(i / width)));
  return {
    spec: { ...spec, lines: height, samples: width },
    truth: [],
    level: 0.6,
    render: (firstLine, lines) => Uint8Array.from(band(firstLine, lines), (value) => 100 * value),
    measure: (firstLine, lines) => Float32Array.from(band(firstLine, lines)),
  };
}

/** Ground with noise, black shadows and glints beyond what a camera takes; by its place alone. */
export function wildRadiance(sample: number, line: number): number {
  const noise = (((sample * 73_856_093) ^ (line * 19_349_663)) >>> 0) / 2 ** 32;
  if (noise < 0.02) return -0.2;
  return noise > 0.97 ? 12 * noise : 0.6 + noise + 0.3 * Math.sin(sample / 17);
}

export const PRODUCT = {
  productId: 'M1334567890LE',
  startTime: new Date('2020-03-01T10:00:00.250Z'),
  orbit: 47_123,
};
