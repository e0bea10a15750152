import type { PixelVector } from '../domain/geometry.js';
import type { ContrastField } from './contrast-field.js';

/** Lengths at which a shadow is looked for behind a lit body, px. */
const SHADOW_AT = [1.5, 2.5, 4, 6, 8];
/** Distances before the body at which darkness speaks for a crater, px. */
const BEFORE_AT = [3, 4.5, 6.5, 9, 12];
/** Distances to both sides of the body, across the light, where terrain should be plain, px. */
const BESIDE_AT = [6, 9];
/** Pixels along a tile's edge that are left to its neighbours. */
export const TILE_BORDER = 3;
/** Least response: no lit body with a shadow at all. */
export const TRI_FLOOR = 1e-4;
/** Margin that the contrast field needs: the farthest shadow and one pixel to interpolate in. */
export const TRI_MARGIN = Math.ceil(Math.max(...SHADOW_AT, ...BEFORE_AT, ...BESIDE_AT)) + 1;
/** Directions tried where the Sun's is unknown. */
const ALL_ROUND = 16;

/** Numbers of a step: bilinear weights of the upper two of four pixels, then of the lower two. */
const WEIGHTS = 4;

/** Fixed steps in a field: for each the offsets of the upper-left and the lower-left of four pixels, and weights. */
interface Steps {
  readonly count: number;
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

interface Direction {
  readonly shadow: Steps;
  readonly before: Steps;
  readonly beside: Steps;
}

export interface TriPeak {
  /** Response, at least TRI_FLOOR. */
  value: number;
  /** Where it is highest, pixels from the tile's upper-left one. */
  x: number;
  y: number;
}

/**
 * The sun-directed response of lit bodies:
 *
 *   TRI = max over p, L of  min(t(p), -t(p + L d)) - max(0, -min over k of t(p - k d)) - 0.5 max over m of |t(p +- m n)|
 *
 * with t the local contrast, d the unit vector away from the Sun and n across it. A body is bright, throws its
 * shadow along d and stands on plain ground; a crater is dark on the sunward side, and a rim goes on sideways:
 * the last two terms count these against it. Wrong directions cost dear (npm run bench:quality measures how
 * dear); without one all are tried, and the best response is taken, at a loss.
 */
export class TriFinder {
  readonly #field: ContrastField;
  readonly #directions: readonly Direction[];

  /** @param awayFromSun unit vector in image coordinates, `null` where it is unknown. */
  constructor(field: ContrastField, awayFromSun: PixelVector | null) {
    this.#field = field;
    const vectors = awayFromSun
      ? [awayFromSun]
      : Array.from({ length: ALL_ROUND }, (_, i) => {
          const angle = (2 * Math.PI * i) / ALL_ROUND;
          return { x: Math.cos(angle), y: Math.sin(angle) };
        });
    const { stride } = field;
    this.#directions = vectors.map((d) => ({
      shadow: steps(
        stride,
        SHADOW_AT.map((length) => ({ x: d.x * length, y: d.y * length })),
      ),
      before: steps(
        stride,
        BEFORE_AT.map((length) => ({ x: -d.x * length, y: -d.y * length })),
      ),
      beside: steps(
        stride,
        BESIDE_AT.flatMap((length) => [
          { x: -d.y * length, y: d.x * length },
          { x: d.y * length, y: -d.x * length },
        ]),
      ),
    }));
  }

  /**
   * Strongest response of a tile, its 3 px border left out; the first in reading order when several are.
   *
   * @param x,y upper-left pixel in the field's area.
   */
  peak(x: number, y: number, size: number): TriPeak {
    const centre = size >> 1;
    const inside = size - 2 * TILE_BORDER;
    const best: TriPeak = { value: TRI_FLOOR, x: centre, y: centre };
    if (this.strongest(x + TILE_BORDER, y + TILE_BORDER, inside, inside, best)) {
      best.x -= x;
      best.y -= y;
    }
    return best;
  }

  /**
   * Strongest response above `best.value` in a rectangle of the field's area, the first in reading order when
   * several are.
   *
   * @param best takes the response and its pixel in the area; left alone where there is none
   * @returns whether there is one
   */
  strongest(x: number, y: number, width: number, height: number, best: TriPeak): boolean {
    const { values, stride, margin } = this.#field;
    const origin = (y + margin) * stride + x + margin;
    let brightest = -1;
    let most = best.value;
    for (let row = 0, from = origin; row < height; row++, from += stride) {
      for (let at = from; at < from + width; at++) {
        if (values[at]! <= most) continue;
        most = values[at]!;
        brightest = at;
      }
    }
    // The response never exceeds the contrast of its body: most rectangles end here.
    if (brightest < 0) return false;
    // The brightest pixel sets a bar that few others pass; of equal responses the first still counts.
    let strongest = this.#respond(brightest, best.value);
    let found = strongest > best.value ? brightest : -1;
    if (found < 0) strongest = best.value;
    for (let row = 0, from = origin; row < height; row++, from += stride) {
      for (let at = from; at < from + width; at++) {
        if (values[at]! < strongest) continue;
        const value = this.#respond(at, strongest);
        if (value > strongest || (value === strongest && at < found)) {
          strongest = value;
          found = at;
        }
      }
    }
    if (found < 0) return false;
    const row = Math.floor((found - origin) / stride);
    best.value = strongest;
    best.x = x + found - origin - row * stride;
    best.y = y + row;
    return true;
  }

  /** Response of a pixel in its best direction; where it is less than `atLeast`, something less than that. */
  #respond(at: number, atLeast: number): number {
    let best = -Infinity;
    for (const direction of this.#directions) {
      const value = respond(this.#field.values, at, direction, Math.max(best, atLeast));
      if (value > best) best = value;
    }
    return best;
  }
}

function respond(
  values: Float32Array,
  at: number,
  { shadow, before, beside }: Direction,
  atLeast: number,
): number {
  const body = values[at]!;
  let darkness = -Infinity;
  // No shadow needs to be darker than its body is bright.
  for (let k = 0; k < shadow.count && darkness < body; k++)
    darkness = Math.max(darkness, -sample(values, at, shadow, k));
  const dipole = Math.min(body, darkness);
  if (dipole < atLeast) return dipole;
  let plain = dipole;
  for (let k = 0; k < before.count; k++) {
    const dark = dipole + Math.min(0, sample(values, at, before, k));
    if (dark < plain) plain = dark;
    if (plain < atLeast) return plain;
  }
  let uneven = 0;
  for (let k = 0; k < beside.count; k++) {
    uneven = Math.max(uneven, Math.abs(sample(values, at, beside, k)));
    if (plain - 0.5 * uneven < atLeast) break;
  }
  return plain - 0.5 * uneven;
}

function steps(stride: number, vectors: readonly PixelVector[]): Steps {
  const offsets = new Int32Array(2 * vectors.length);
  const weights = new Float64Array(WEIGHTS * vectors.length);
  vectors.forEach((vector, k) => {
    const x = Math.floor(vector.x);
    const y = Math.floor(vector.y);
    const fx = vector.x - x;
    const fy = vector.y - y;
    offsets.set([y * stride + x, (y + 1) * stride + x], 2 * k);
    weights.set([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy], WEIGHTS * k);
  });
  return { count: vectors.length, offsets, weights };
}

function sample(values: Float32Array, at: number, { offsets, weights }: Steps, k: number): number {
  const upper = at + offsets[2 * k]!;
  const lower = at + offsets[2 * k + 1]!;
  const w = WEIGHTS * k;
  return (
    weights[w]! * values[upper]! +
    weights[w + 1]! * values[upper + 1]! +
    weights[w + 2]! * values[lower]! +
    weights[w + 3]! * values[lower + 1]!
  );
}
