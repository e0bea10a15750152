import { TILE } from '../score-picture.js';

const AREA = TILE * TILE;
/** Scales of the difference of Gaussians, px. */
const FINE = 0.8;
const COARSE = 4;

/** What needs nothing but a tile's pixels, 0..1. */
export interface PixelStatistics {
  readonly std: number;
  readonly max: number;
  readonly range: number;
  /** Largest difference of Gaussians of 0.8 and 4 px. */
  readonly dog: number;
}

/** @param tile AREA values in 0..1 */
export function pixelStatistics(tile: Float32Array): PixelStatistics {
  let sum = 0;
  let squares = 0;
  let max = -Infinity;
  let min = Infinity;
  for (const value of tile) {
    sum += value;
    squares += value * value;
    max = Math.max(max, value);
    min = Math.min(min, value);
  }
  const mean = sum / AREA;
  const fine = gaussian(tile, FINE);
  const coarse = gaussian(tile, COARSE);
  let dog = -Infinity;
  for (let p = 0; p < AREA; p++) dog = Math.max(dog, fine[p]! - coarse[p]!);
  return { std: Math.sqrt(Math.max(0, squares / AREA - mean * mean)), max, range: max - min, dog };
}

/** Gaussian blur; the border's pixels go on beyond it. */
function gaussian(tile: Float32Array, sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp((-0.5 * (k - reach) ** 2) / sigma ** 2),
  );
  const total = kernel.reduce((a, b) => a + b);
  const within = (at: number): number => Math.min(Math.max(at, 0), TILE - 1);
  const across = new Float32Array(AREA);
  const out = new Float32Array(AREA);
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * tile[y * TILE + within(x + k)]!;
      across[y * TILE + x] = sum / total;
    }
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * across[within(y + k) * TILE + x]!;
      out[y * TILE + x] = sum / total;
    }
  return out;
}
