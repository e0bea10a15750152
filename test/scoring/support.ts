import type { PixelVector } from '../../src/domain/geometry.js';
import type { TileParts } from '../../src/domain/tile.js';
import { Core } from '../../src/scoring/engines/openvino/core.js';
import { hasOpenVino } from '../../src/scoring/engines/openvino/installed.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { SCORE_HALO, type StripJob } from '../../src/scoring/strip-job.js';
import { planGrid } from '../../src/tiling/grid.js';
import { DEFAULT_MASKS } from '../../src/tiling/mask-options.js';
import { planStrips } from '../../src/tiling/strips.js';

export const SIZE = 64;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Hilly ground with noise. */
export function terrain(width: number, height: number, seed: number): Picture {
  const random = seeded(seed);
  const phases = Array.from({ length: 12 }, () => [random() * 0.3, random() * 0.3, random() * 7] as const);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let value = 110 + 12 * (random() - 0.5);
      for (const [kx, ky, phase] of phases) value += 6 * Math.sin(kx * x + ky * y + phase);
      data[y * width + x] = value;
    }
  }
  return { width, height, data };
}

/** Jobs of a picture, cut into strips. */
export function jobsOf(
  picture: Picture,
  shadow: PixelVector | null,
  tileRows: number,
  stride = 32,
): StripJob[] {
  const grid = planGrid(picture, { size: SIZE, strideX: stride, strideY: stride });
  return planStrips(grid, picture.height, { tileRows, halo: SCORE_HALO }).map((plan) => {
    const { firstLine, lines } = plan.range;
    const data = picture.data.slice(firstLine * picture.width, (firstLine + lines) * picture.width);
    const strip = { firstLine, lines, width: picture.width, data };
    const { width: imageWidth, height: imageHeight } = picture;
    return { strip, plan, grid, imageWidth, imageHeight, shadow, masks: DEFAULT_MASKS };
  });
}

export function joined(strips: readonly TileParts[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const parts of strips) {
    for (const [name, values] of Object.entries(parts)) {
      if (ArrayBuffer.isView(values)) (all[name] ??= []).push(...(values as Float32Array));
    }
  }
  return all;
}

/** Scores that depend on each tile alone: what a model's do. */
export function tallyScorer(batches: number[] = []): Scorer {
  const sums = (count: number, values: Uint8Array): Float32Array =>
    Float32Array.from({ length: count }, (_, tile) => {
      let sum = 0;
      for (let p = 0; p < SIZE ** 2; p++) sum += values[tile * SIZE ** 2 + p]! * (p % 7);
      return sum;
    });
  return {
    info: { engine: 'tally', device: 'none', version: '1' },
    score: (batch) => {
      batches.push(batch.count);
      const l2 = sums(batch.count, batch.pixels);
      const bright = l2.map((v) => v / 1e6);
      const reconstruction = Float32Array.from(batch.pixels, (dn) => (dn % 97) / 255);
      return Promise.resolve({ l2, muNorm: sums(batch.count, batch.valid), bright, reconstruction });
    },
    // A cell's logit of a lander is its first pixel's, of something small its last one's.
    hardware: ({ count, pixels }) => {
      const bodies = new Float32Array(count * 2 * 256);
      for (let i = 0; i < bodies.length; i++) {
        const tile = Math.floor(i / 512);
        const cell = i % 256;
        const corner = i % 512 < 256 ? 0 : 3;
        const pixel = (4 * Math.floor(cell / 16) + corner) * SIZE + 4 * (cell % 16) + corner;
        bodies[i] = (pixels[tile * SIZE ** 2 + pixel]! - 128) / 16;
      }
      const tracks = Float32Array.from({ length: count * 64 }, (_, i) => pixels[i * 64]! / 32 - 4);
      return Promise.resolve({ bodies, tracks });
    },
    explain: () => Promise.reject(new Error('not asked for')),
    close: () => Promise.resolve(),
  };
}

/** Whether OpenVINO is installed; prints why its tests are left out where it is not. */
export function openVinoIfInstalled(): boolean {
  if (!hasOpenVino())
    console.log('Left out: OpenVINO is not installed on this machine (npm run engine:openvino).');
  return hasOpenVino();
}

/** Whether OpenVINO is installed and this CPU has bfloat16, in which it screens; prints what is wanting. */
export function openVinoScreens(): boolean {
  if (!openVinoIfInstalled()) return false;
  const core = new Core();
  const screens = core.hasBf16();
  core.close();
  if (!screens) console.log('Left out: this CPU has no bfloat16, in which OpenVINO would screen.');
  return screens;
}
