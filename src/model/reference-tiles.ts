import { createRandom } from '../domain/random.js';
import { TILE_SIZE } from './architecture.js';

export interface ReferenceTiles {
  readonly count: number;
  /** count * channels * 64 * 64, channel by channel. */
  readonly pixels: Uint8Array;
  /** count * 64 * 64, 1 = real data. */
  readonly valid: Uint8Array;
}

const SEED = 1969;
const COUNT = 6;

/**
 * A few seeded tiles that reach every part of the graph: noisy slopes with a bright body and its shadow, pure
 * noise, and one tile with a corner of missing data. The same on every machine.
 */
export function referenceTiles(channels: number): ReferenceTiles {
  const random = createRandom(SEED);
  const area = TILE_SIZE * TILE_SIZE;
  const pixels = new Uint8Array(COUNT * channels * area);
  const valid = new Uint8Array(COUNT * area).fill(1);
  for (let tile = 0; tile < COUNT; tile++) {
    const level = 60 + 100 * random.uniform();
    const slope = { x: 2 * random.normal(), y: 2 * random.normal() };
    const noise = tile === 1 ? 60 : 6;
    const centre = { x: random.integer(TILE_SIZE), y: random.integer(TILE_SIZE) };
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < area; i++) {
        const x = i % TILE_SIZE;
        const y = (i - x) / TILE_SIZE;
        const body = Math.hypot(x - centre.x, y - centre.y) < 4 ? 80 : 0;
        const shadow = Math.hypot(x - centre.x - 7, y - centre.y) < 4 ? -80 : 0;
        const value = level + slope.x * (x / 4) + slope.y * (y / 4) + body + shadow + noise * random.normal();
        pixels[(tile * channels + c) * area + i] = Math.min(Math.max(Math.round(value), 0), 255);
        if (tile === COUNT - 1 && x + y < 20) valid[tile * area + i] = 0;
      }
    }
  }
  return { count: COUNT, pixels, valid };
}
