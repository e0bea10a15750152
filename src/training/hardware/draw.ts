import type { PixelVector } from '../../domain/geometry.js';
import type { Random } from '../../domain/random.js';
import { type BodyImage, imageBody, type Piece } from './body.js';

/** How a body is seen. */
export interface View {
  /** Unit vector away from the Sun. */
  readonly away: PixelVector;
  /** Length of a shadow over the height that throws it. */
  readonly tan: number;
  /** Grey level in a shadow. */
  readonly shade: number;
  /** Standard deviation of the camera's blur, pixels. */
  readonly blur: number;
  /** Standard deviation of the noise on what is drawn, grey levels. */
  readonly noise: number;
}

/** Draws a body and its shadow into a square of grey levels. */
export function drawBody(
  pixels: Float32Array,
  pieces: readonly Piece[],
  at: PixelVector,
  view: View,
  random: Random,
): void {
  const image = imageBody(pieces, at, view.away, view.tan);
  const { side } = image;
  const lit = blurred(image.lit, side, view.blur);
  const light = blurred(image.light, side, view.blur);
  const dark = blurred(image.dark, side, view.blur);
  eachPixel(image, sideOf(pixels), (pixel, i) => {
    const covered = lit[i]! + dark[i]!;
    if (covered < 1e-3) return;
    const value = pixels[pixel]! * (1 - covered) + light[i]! + dark[i]! * view.shade;
    pixels[pixel] = value + covered * view.noise * random.normal();
  });
}

/** Changes the ground's brightness along a line of points, by a Gaussian profile across it. */
export function drawLine(
  pixels: Float32Array,
  points: readonly PixelVector[],
  width: number,
  change: number,
): void {
  const side = sideOf(pixels);
  const strength = new Float32Array(pixels.length);
  const reach = Math.ceil(3 * width);
  for (const point of points) {
    const cx = Math.round(point.x);
    const cy = Math.round(point.y);
    for (let y = Math.max(0, cy - reach); y <= Math.min(side - 1, cy + reach); y++) {
      for (let x = Math.max(0, cx - reach); x <= Math.min(side - 1, cx + reach); x++) {
        const distance = Math.hypot(x - point.x, y - point.y);
        const i = y * side + x;
        strength[i] = Math.max(strength[i]!, Math.exp(-0.5 * (distance / width) ** 2));
      }
    }
  }
  strength.forEach((s, i) => (pixels[i] = pixels[i]! * (1 + change * s)));
}

function sideOf(pixels: Float32Array): number {
  return Math.sqrt(pixels.length);
}

function eachPixel(image: BodyImage, side: number, visit: (pixel: number, i: number) => void): void {
  for (let row = 0; row < image.side; row++) {
    const y = image.top + row;
    if (y < 0 || y >= side) continue;
    for (let column = 0; column < image.side; column++) {
      const x = image.left + column;
      if (x >= 0 && x < side) visit(y * side + x, row * image.side + column);
    }
  }
}

function blurred(plane: Float32Array, side: number, sigma: number): Float32Array {
  const kernel = [-2, -1, 0, 1, 2].map((k) => Math.exp(-0.5 * (k / sigma) ** 2));
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const pass = (source: Float32Array, step: number): Float32Array =>
    source.map((_, i) => {
      let sum = 0;
      for (let k = -2; k <= 2; k++) sum += (kernel[k + 2]! / total) * (source[i + k * step] ?? 0);
      return sum;
    });
  return pass(pass(plane, 1), side);
}
