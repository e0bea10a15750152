import type { PixelVector } from '../../../src/domain/geometry.js';
import type { ContrastField } from './contrast-plain.js';

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

/** A fixed step in a field: offsets of the upper-left and the lower-left of four pixels, bilinear weights. */
interface Step {
  readonly upper: number;
  readonly lower: number;
  readonly w00: number;
  readonly w10: number;
  readonly w01: number;
  readonly w11: number;
}

interface Direction {
  readonly shadow: readonly Step[];
  readonly before: readonly Step[];
  readonly beside: readonly Step[];
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
    this.#directions = vectors.map((d) => ({
      shadow: SHADOW_AT.map((length) => step(field.stride, d.x * length, d.y * length)),
      before: BEFORE_AT.map((length) => step(field.stride, -d.x * length, -d.y * length)),
      beside: BESIDE_AT.flatMap((length) => [
        step(field.stride, -d.y * length, d.x * length),
        step(field.stride, d.y * length, -d.x * length),
      ]),
    }));
  }

  /**
   * Strongest response of a tile, its 3 px border left out; the first in reading order when several are.
   *
   * @param x,y upper-left pixel in the field's area.
   */
  peak(x: number, y: number, size: number): TriPeak {
    const { values, stride, margin } = this.#field;
    const centre = size >> 1;
    const best: TriPeak = { value: TRI_FLOOR, x: centre, y: centre };
    for (let row = TILE_BORDER; row < size - TILE_BORDER; row++) {
      const from = (y + row + margin) * stride + x + margin;
      for (let column = TILE_BORDER; column < size - TILE_BORDER; column++) {
        // The response never exceeds the contrast of its body: most pixels end here.
        if (values[from + column]! <= best.value) continue;
        for (const direction of this.#directions) {
          const value = this.#respond(from + column, direction, best.value);
          if (value > best.value) {
            best.value = value;
            best.x = column;
            best.y = row;
          }
        }
      }
    }
    return best;
  }

  #respond(at: number, direction: Direction, atLeast: number): number {
    const values = this.#field.values;
    let darkest = Infinity;
    for (const s of direction.shadow) darkest = Math.min(darkest, sample(values, at, s));
    const dipole = Math.min(values[at]!, -darkest);
    if (dipole <= atLeast) return dipole;
    let before = Infinity;
    for (const s of direction.before) before = Math.min(before, sample(values, at, s));
    const plain = dipole - Math.max(0, -before);
    if (plain <= atLeast) return plain;
    let beside = 0;
    for (const s of direction.beside) beside = Math.max(beside, Math.abs(sample(values, at, s)));
    return plain - 0.5 * beside;
  }
}

function step(stride: number, dx: number, dy: number): Step {
  const x = Math.floor(dx);
  const y = Math.floor(dy);
  const fx = dx - x;
  const fy = dy - y;
  return {
    upper: y * stride + x,
    lower: (y + 1) * stride + x,
    w00: (1 - fx) * (1 - fy),
    w10: fx * (1 - fy),
    w01: (1 - fx) * fy,
    w11: fx * fy,
  };
}

function sample(values: Float32Array, at: number, s: Step): number {
  const upper = at + s.upper;
  const lower = at + s.lower;
  return (
    s.w00 * values[upper]! + s.w10 * values[upper + 1]! + s.w01 * values[lower]! + s.w11 * values[lower + 1]!
  );
}
