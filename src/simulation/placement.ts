import { UsageError } from '../domain/errors.js';
import { NO_HARDWARE, type Ground } from './ground.js';
import type { RandomStream } from './random.js';

/** A place for a thing, and how bright the ground around it is. */
export interface Site {
  readonly x: number;
  readonly y: number;
  /** Median radiance around, sunlit level ground = 1. */
  readonly around: number;
}

/** Pixels from the borders and from dark detector columns. */
const BORDER = 105;
/** Half the side of the square whose median is the ground's brightness. */
const SURROUNDINGS = 20;
const TRIES = 400;

/** Finds places that the Sun reaches and keeps them apart. */
export class Placement {
  private readonly taken: { x: number; y: number; distance: number }[] = [];
  private readonly ground: Ground;
  private readonly area: { from: number; to: number; lines: number };

  /** @param area samples [from, to) and lines that see the ground. */
  constructor(ground: Ground, area: { from: number; to: number; lines: number }) {
    this.ground = ground;
    this.area = area;
  }

  /**
   * A place for a thing of a size in pixels, `distance` pixels or more from all others
   * (or as far as the other asks for, where that is less).
   * @param near centre and radii of the ring to search; the whole area if left out.
   * @throws UsageError when the scene is too small or too dark for one more.
   */
  find(random: RandomStream, sizePx: number, distance: number, near?: Ring): Site {
    for (let n = 0; n < TRIES; n++) {
      const { x, y } = near === undefined ? this.anywhere(random) : within(near, random);
      if (!this.isFree(x, y, distance)) continue;
      const around = this.brightness(x, y, sizePx);
      if (around === undefined) continue;
      this.taken.push({ x, y, distance });
      return { x, y, around };
    }
    throw new UsageError(
      `The scene of ${this.area.to - this.area.from} x ${this.area.lines} lit pixels has no room for its hardware: plan fewer landers or more lines.`,
    );
  }

  private anywhere(random: RandomStream): { x: number; y: number } {
    const { from, to, lines } = this.area;
    return { x: random.between(from, to), y: random.between(0, lines) };
  }

  private isFree(x: number, y: number, distance: number): boolean {
    const { from, to, lines } = this.area;
    if (x < from + BORDER || x > to - BORDER || y < BORDER || y > lines - BORDER) return false;
    return this.taken.every(
      (other) => Math.hypot(other.x - x, other.y - y) > Math.min(distance, other.distance),
    );
  }

  /** Brightness around a place; undefined where it is in shadow, at its edge or much darker than level ground. */
  private brightness(x: number, y: number, sizePx: number): number | undefined {
    const side = 2 * SURROUNDINGS + 1;
    const region = {
      x: Math.floor(x) - SURROUNDINGS,
      y: Math.floor(y) - SURROUNDINGS,
      width: side,
      height: side,
    };
    const { radiance, lit } = this.ground.render(region, NO_HARDWARE);
    const reach = Math.ceil(sizePx / 2 + 3);
    const left = Math.floor(x) - lit.x;
    const top = Math.floor(y) - lit.y;
    for (let j = top - reach; j <= top + reach; j++) {
      for (let i = left - reach; i <= left + reach; i++) {
        if (lit.data[j * lit.width + i]! < 0.9) return undefined;
      }
    }
    const sorted = Float32Array.from(radiance.data).sort();
    const median = sorted[sorted.length >> 1]!;
    return median > 0.5 ? median : undefined;
  }
}

export interface Ring {
  readonly x: number;
  readonly y: number;
  readonly inner: number;
  readonly outer: number;
}

function within(ring: Ring, random: RandomStream): { x: number; y: number } {
  const angle = random.between(0, 2 * Math.PI);
  const distance = random.between(ring.inner, ring.outer);
  return { x: ring.x + distance * Math.cos(angle), y: ring.y + distance * Math.sin(angle) };
}
