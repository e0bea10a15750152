import { gaussianKernel } from './row-blur.js';

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
  const left = Math.max(0, place.x - PEAK_REACH_PX - RADIUS_PX);
  const right = Math.min(size - 1, place.x + PEAK_REACH_PX + RADIUS_PX);
  const top = Math.max(0, place.y - PEAK_REACH_PX - RADIUS_PX);
  const bottom = Math.min(size - 1, place.y + PEAK_REACH_PX + RADIUS_PX);
  const channels = pixels.length / area;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const p = y * size + x;
      let sum = 0;
      if (valid[p] !== 0)
        for (let c = p; c < pixels.length; c += area) sum += pixels[c]! / 255 - reconstruction[c]!;
      residuals[(y - top) * PATCH + x - left] = sum / channels;
    }
  }
  let most = -Infinity;
  for (let y = Math.max(0, place.y - PEAK_REACH_PX); y <= Math.min(size - 1, place.y + PEAK_REACH_PX); y++) {
    for (
      let x = Math.max(0, place.x - PEAK_REACH_PX);
      x <= Math.min(size - 1, place.x + PEAK_REACH_PX);
      x++
    ) {
      const [fromX, toX] = [Math.max(left, x - RADIUS_PX), Math.min(right, x + RADIUS_PX)];
      const [fromY, toY] = [Math.max(top, y - RADIUS_PX), Math.min(bottom, y + RADIUS_PX)];
      let sum = 0;
      for (let py = fromY; py <= toY; py++) {
        let weight = (py - y + RADIUS_PX) * SIDE + fromX - x + RADIUS_PX;
        let residual = (py - top) * PATCH + fromX - left;
        for (let px = fromX; px <= toX; px++) sum += KERNEL[weight++]! * residuals[residual++]!;
      }
      if (sum > most || Number.isNaN(sum)) most = sum;
      if (Number.isNaN(most)) return NaN;
    }
  }
  return most;
}

/** Zero beyond the tile, as in the model's graph: pixels out there are left out of the sum. */
const SIDE = 2 * RADIUS_PX + 1;
const HALF_KERNEL = gaussianKernel(SIGMA_PX, RADIUS_PX);
const KERNEL = Float64Array.from(
  { length: SIDE * SIDE },
  (_, i) =>
    HALF_KERNEL[Math.abs(Math.floor(i / SIDE) - RADIUS_PX)]! * HALF_KERNEL[Math.abs((i % SIDE) - RADIUS_PX)]!,
);

/** Residuals of the pixels that a place's blurred ones are made of; a thread measures one place at a time. */
const PATCH = SIDE + 2 * PEAK_REACH_PX;
const residuals = new Float64Array(PATCH * PATCH);
