import { createRandom, type Random } from '../../../src/domain/random.js';
import type { Rendering } from './light.js';

/** An 8-bit picture, row by row. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Side of the window around an object that tells the level of its ground, px. */
const LEVEL_SIDE = 21;
/** Side of the places whose grain is compared, px. */
const PLACE = 32;
/** Share of the places that are less grainy than the one whose grain is taken. */
const CALM = 0.1;

/**
 * What of a picture objects are drawn with: its range of grey levels and its own grain, taken where it is calm,
 * so that drawn pixels are as noisy as their neighbours. Grey level 0 is no light.
 */
export class GroundPicture {
  readonly width: number;
  readonly height: number;
  readonly plain: Uint8Array;
  /** Grey levels at 1, 50, 99 % of the pixels, and the highest. */
  readonly dark: number;
  readonly median: number;
  readonly bright: number;
  readonly highest: number;
  readonly #grain: { readonly values: Float32Array; readonly level: number };

  constructor(picture: Grey) {
    this.width = picture.width;
    this.height = picture.height;
    this.plain = picture.data;
    const sorted = Uint8Array.from(picture.data).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
    this.dark = at(0.01);
    this.median = at(0.5);
    this.bright = at(0.99);
    this.highest = sorted[sorted.length - 1]!;
    this.#grain = calmGrain(picture);
  }

  /** Median grey level around a point. */
  level(x: number, y: number): number {
    const half = (LEVEL_SIDE - 1) / 2;
    const values: number[] = [];
    for (let v = Math.max(0, Math.round(y) - half); v <= Math.min(this.height - 1, Math.round(y) + half); v++)
      for (
        let u = Math.max(0, Math.round(x) - half);
        u <= Math.min(this.width - 1, Math.round(x) + half);
        u++
      )
        values.push(this.plain[v * this.width + u]!);
    values.sort((a, b) => a - b);
    return values[values.length >> 1]!;
  }

  /**
   * Puts a rendered object into a copy of the picture: ground that is seen keeps its texture, dimmed in shadow;
   * what replaces it gets grain of the picture, scaled as photon noise.
   *
   * @param level grey level of the sunlit ground around it
   */
  place(data: Uint8Array, rendering: Rendering, level: number, random: Random): void {
    const { left, top, width, height, ground, body } = rendering;
    const shift = random.integer(PLACE * PLACE);
    for (let p = 0; p < width * height; p++) {
      const x = left + (p % width);
      const y = top + Math.floor(p / width);
      if (x < 0 || y < 0 || x >= this.width || y >= this.height) continue;
      const share = ground[p]!;
      const light = level * body[p]!;
      if (Math.abs(share - 1) < 1e-3 && light < 0.1) continue;
      const at = y * this.width + x;
      const grain = this.#grain.values[((y % PLACE) * PLACE + (x % PLACE) + shift) % (PLACE * PLACE)]!;
      const lost = Math.sqrt(Math.max(0, 1 - share * share));
      const brightness = Math.sqrt(Math.min(4, Math.max(0.05, light / this.#grain.level)));
      const value = data[at]! * share + light + grain * lost * brightness;
      data[at] = Math.min(Math.max(Math.round(value), 0), this.highest);
    }
  }
}

/** Fine structure (less than 2 px) of a calm place of the picture. */
function calmGrain({ width, height, data }: Grey): { values: Float32Array; level: number } {
  const places: { x: number; y: number; level: number; spread: number }[] = [];
  const fine = (x: number, y: number): number => {
    const at = y * width + x;
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += data[at + dy * width + dx]!;
    return data[at]! - sum / 9;
  };
  const sorted = Uint8Array.from(data).sort();
  const median = sorted[sorted.length >> 1]!;
  for (let y = 1; y + PLACE < height; y += PLACE / 2)
    for (let x = 1; x + PLACE < width; x += PLACE / 2) {
      let level = 0;
      let spread = 0;
      for (let v = y; v < y + PLACE; v++)
        for (let u = x; u < x + PLACE; u++) {
          level += data[v * width + u]! / PLACE ** 2;
          spread += fine(u, v) ** 2;
        }
      if (level > 0.7 * median && level < 1.5 * median) places.push({ x, y, level, spread });
    }
  places.sort((a, b) => a.spread - b.spread);
  const calm = places[Math.floor(CALM * places.length)];
  if (calm === undefined) return { values: gaussian(0.01 * median), level: Math.max(median, 1) };
  const values = Float32Array.from({ length: PLACE ** 2 }, (_, i) =>
    fine(calm.x + (i % PLACE), calm.y + Math.floor(i / PLACE)),
  );
  return { values, level: calm.level };
}

function gaussian(sigma: number): Float32Array {
  const random = createRandom(1);
  return Float32Array.from({ length: PLACE ** 2 }, () => sigma * random.normal());
}
