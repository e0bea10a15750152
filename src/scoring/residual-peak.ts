import { gaussianKernel } from './gaussian-kernel.js';

const SIGMA_PX = 0.8;
const RADIUS_PX = 3;
/** The body that answers to the Sun's direction and its brightest place may lie this far apart. */
export const PEAK_REACH_PX = 2;

/**
 * The model's bright residual at one place of a tile: the most, within 2 px of it, of the residual
 * x - decode(mu) blurred by 0.8 px. Taken where TRI peaks it says whether the lit body itself is what the
 * model does not know; the maximum over a whole tile is mostly some other crater's wall.
 *
 * @param pixels DN, `channels * size * size`; `valid` flags, `size * size`; `reconstruction` 0..1, as pixels.
 */
export function residualAt(
  pixels: Uint8Array,
  valid: Uint8Array,
  reconstruction: Float32Array,
  size: number,
  place: { readonly x: number; readonly y: number },
): number {
  const area = size * size;
  const { x, y } = place;
  const left = x - PEAK_REACH_PX - RADIUS_PX;
  const top = y - PEAK_REACH_PX - RADIUS_PX;
  const from = Math.max(0, left);
  const to = Math.min(size, left + PATCH);
  const channels = pixels.length / area;
  // What lies beyond the tile adds nothing to any sum.
  if (left < 0 || top < 0 || left + PATCH > size || top + PATCH > size) residuals.fill(0);
  for (let py = Math.max(0, top); py < Math.min(size, top + PATCH); py++) {
    let at = (py - top) * PATCH + from - left;
    for (let p = py * size + from; p < py * size + to; p++) {
      let sum = 0;
      if (valid[p] !== 0)
        for (let c = p; c < pixels.length; c += area) sum += pixels[c]! / 255 - reconstruction[c]!;
      residuals[at++] = sum / channels;
    }
  }
  let most = -Infinity;
  for (let row = 0; row < ACROSS; row++) {
    if (y - PEAK_REACH_PX + row < 0 || y - PEAK_REACH_PX + row >= size) continue;
    blurRow(row);
    for (let i = 0; i < ACROSS; i++) {
      const at = x - PEAK_REACH_PX + i;
      if (at >= 0 && at < size) most = Math.max(most, blurred[i]!);
    }
  }
  return most;
}

const SIDE = 2 * RADIUS_PX + 1;
const HALF_KERNEL = gaussianKernel(SIGMA_PX, RADIUS_PX);
const KERNEL = Float64Array.from(
  { length: SIDE * SIDE },
  (_, i) =>
    HALF_KERNEL[Math.abs(Math.floor(i / SIDE) - RADIUS_PX)]! * HALF_KERNEL[Math.abs((i % SIDE) - RADIUS_PX)]!,
);

/** Places that are blurred, along a side, and the pixels that they are made of; a thread measures one at a time. */
const ACROSS = 2 * PEAK_REACH_PX + 1;
const PATCH = SIDE + 2 * PEAK_REACH_PX;
const residuals = new Float64Array(PATCH * PATCH);
const blurred = new Float64Array(ACROSS);

/** Blurs the five places of a row at once: each sum is in order of its pixels, and none waits for the others. */
function blurRow(row: number): void {
  let [a, b, c, d, e] = [0, 0, 0, 0, 0];
  let weight = 0;
  for (let py = 0; py < SIDE; py++) {
    const start = (row + py) * PATCH;
    for (let at = start; at < start + SIDE; at++) {
      const w = KERNEL[weight++]!;
      a += w * residuals[at]!;
      b += w * residuals[at + 1]!;
      c += w * residuals[at + 2]!;
      d += w * residuals[at + 3]!;
      e += w * residuals[at + 4]!;
    }
  }
  blurred[0] = a;
  blurred[1] = b;
  blurred[2] = c;
  blurred[3] = d;
  blurred[4] = e;
}
