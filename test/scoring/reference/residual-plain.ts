import { gaussianKernel } from '../../../src/scoring/gaussian-kernel.js';

const SIGMA_PX = 0.8;
const RADIUS_PX = 3;
/** The body that answers to the Sun's direction and its brightest place may lie this far apart. */
const REACH_PX = 2;

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
  const channels = pixels.length / area;
  const residual = (p: number): number => {
    if (valid[p] === 0) return 0;
    let sum = 0;
    for (let c = p; c < pixels.length; c += area) sum += pixels[c]! / 255 - reconstruction[c]!;
    return sum / channels;
  };
  let most = -Infinity;
  for (let y = Math.max(0, place.y - REACH_PX); y <= Math.min(size - 1, place.y + REACH_PX); y++) {
    for (let x = Math.max(0, place.x - REACH_PX); x <= Math.min(size - 1, place.x + REACH_PX); x++) {
      most = Math.max(most, blurredAt(x, y, size, residual));
    }
  }
  return most;
}

const KERNEL = gaussianKernel(SIGMA_PX, RADIUS_PX);

/** Zero beyond the tile, as in the model's graph. */
function blurredAt(x: number, y: number, size: number, value: (p: number) => number): number {
  let sum = 0;
  for (let dy = -RADIUS_PX; dy <= RADIUS_PX; dy++) {
    if (y + dy < 0 || y + dy >= size) continue;
    for (let dx = -RADIUS_PX; dx <= RADIUS_PX; dx++) {
      if (x + dx < 0 || x + dx >= size) continue;
      sum += KERNEL[Math.abs(dy)]! * KERNEL[Math.abs(dx)]! * value((y + dy) * size + x + dx);
    }
  }
  return sum;
}
