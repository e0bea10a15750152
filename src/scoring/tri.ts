import type { PixelVector } from '../domain/geometry.js';
import type { ContrastField } from './contrast-field.js';
import type { TriSteps } from './strip-kernels.js';

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
  /** Of each direction the steps to where it is looked: shadows first, then before the body, then beside it. */
  readonly #directions: readonly (readonly PixelVector[])[];

  /** @param awayFromSun unit vector in image coordinates, `null` where it is unknown. */
  constructor(field: ContrastField, awayFromSun: PixelVector | null) {
    this.#field = field;
    const vectors = awayFromSun
      ? [awayFromSun]
      : Array.from({ length: ALL_ROUND }, (_, i) => {
          const angle = (2 * Math.PI * i) / ALL_ROUND;
          return { x: Math.cos(angle), y: Math.sin(angle) };
        });
    this.#directions = vectors.map((d) => [
      ...SHADOW_AT.map((length) => ({ x: d.x * length, y: d.y * length })),
      ...BEFORE_AT.map((length) => ({ x: -d.x * length, y: -d.y * length })),
      ...BESIDE_AT.flatMap((length) => [
        { x: -d.y * length, y: d.x * length },
        { x: d.y * length, y: -d.x * length },
      ]),
    ]);
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
    const { kernels, at, stride, margin } = this.#field;
    kernels.directedBy(this, (steps) => this.#setSteps(steps));
    const origin = at + Float32Array.BYTES_PER_ELEMENT * ((y + margin) * stride + x + margin);
    const found = kernels.strongest(origin, stride, width, height, best.value);
    if (found < 0) return false;
    const row = Math.floor(found / stride);
    best.value = kernels.response;
    best.x = x + found - row * stride;
    best.y = y + row;
    return true;
  }

  #setSteps({ setDirections, setStep }: TriSteps): void {
    const { stride } = this.#field;
    setDirections(this.#directions.length);
    this.#directions.forEach((vectors, direction) =>
      vectors.forEach((vector, step) => {
        const x = Math.floor(vector.x);
        const y = Math.floor(vector.y);
        const [fx, fy] = [vector.x - x, vector.y - y];
        const [left, right] = [1 - fx, fx];
        const upper = y * stride + x;
        const weights = [left * (1 - fy), right * (1 - fy), left * fy, right * fy] as const;
        setStep(direction, step, upper, upper + stride, ...weights);
      }),
    );
  }
}
