import { planScene, type Scene, type SceneSpec } from '../../src/simulation/scene.js';

/** Unit vector in the image, degrees clockwise from +sample (right). */
export function direction(degrees: number): { x: number; y: number } {
  const angle = (degrees * Math.PI) / 180;
  return { x: Math.cos(angle), y: Math.sin(angle) };
}

/** A small scene; what a test does not name is plain. */
export function scene(spec: Partial<SceneSpec> = {}): Scene {
  return planScene({
    seed: 1,
    lines: 500,
    samples: 600,
    terrain: 'smooth',
    towardsSun: direction(30),
    incidenceDeg: 60,
    pixelAcrossM: 1,
    pixelAlongM: 1,
    frame: 'LEFT',
    landers: 2,
    ...spec,
  });
}

/** Mean of the pixels within `radius` of a place. */
export function meanAround(
  pixels: Uint8Array,
  width: number,
  sample: number,
  line: number,
  radius: number,
): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(line - radius); y <= line + radius; y++) {
    for (let x = Math.floor(sample - radius); x <= sample + radius; x++) {
      if (Math.hypot(x + 0.5 - sample, y + 0.5 - line) > radius) continue;
      sum += pixels[y * width + x]!;
      count++;
    }
  }
  return sum / count;
}

/** Median of the square of half-side `radius` around a place. */
export function medianAround(
  pixels: Uint8Array,
  width: number,
  sample: number,
  line: number,
  radius: number,
): number {
  const values: number[] = [];
  for (let y = Math.floor(line) - radius; y <= Math.floor(line) + radius; y++) {
    for (let x = Math.floor(sample) - radius; x <= Math.floor(sample) + radius; x++) {
      values.push(pixels[y * width + x]!);
    }
  }
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
