import { TILE_SIZE } from './architecture.js';

/** Side of the square that a mean level is taken over, odd, pixels. */
export const LEVEL_SIDE = 17;
/** Darkest level that contrast is measured against, share of full scale. */
export const LEAST_LEVEL = 0.08;
/** Keeps a tile without any texture from blowing its noise up. */
export const LEAST_DEVIATION = 0.01;
/** Planes that the learned scorer sees: contrast and standardised contrast, each also times u, and u. */
export const INPUT_PLANES = 5;

const AREA = TILE_SIZE * TILE_SIZE;

/**
 * What the first layer of the learned scorer sees of tiles: the local contrast c = (x - mean) / max(mean, LEAST_LEVEL)
 * with the mean over 17 x 17 pixels, less at the border, and s = c / its deviation over the tile.
 * @param tiles [n, 64, 64] in 0..1 @param octants [n], u: where the direction away from the Sun lies, -1..1
 * @returns [n, 64, 64, 5]: c, c u, s, s u, u
 */
export function hardwarePlanes(tiles: Float32Array, octants: Float32Array): Float32Array {
  const planes = new Float32Array(tiles.length * INPUT_PLANES);
  const contrast = new Float32Array(AREA);
  octants.forEach((u, n) => {
    localContrast(tiles.subarray(n * AREA, (n + 1) * AREA), contrast);
    let squares = 0;
    for (let i = 0; i < AREA; i++) squares += contrast[i]! ** 2;
    const scale = 1 / Math.max(Math.sqrt(squares / AREA), LEAST_DEVIATION);
    let at = n * AREA * INPUT_PLANES;
    for (let i = 0; i < AREA; i++) {
      const c = contrast[i]!;
      planes[at++] = c;
      planes[at++] = c * u;
      planes[at++] = c * scale;
      planes[at++] = c * scale * u;
      planes[at++] = u;
    }
  });
  return planes;
}

function localContrast(tile: Float32Array, contrast: Float32Array): void {
  const side = TILE_SIZE + 1;
  const sums = new Float64Array(side * side);
  for (let y = 0; y < TILE_SIZE; y++) {
    let row = 0;
    for (let x = 0; x < TILE_SIZE; x++) {
      row += tile[y * TILE_SIZE + x]!;
      sums[(y + 1) * side + x + 1] = sums[y * side + x + 1]! + row;
    }
  }
  const reach = (LEVEL_SIDE - 1) / 2;
  for (let y = 0; y < TILE_SIZE; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(TILE_SIZE, y + reach + 1);
    for (let x = 0; x < TILE_SIZE; x++) {
      const left = Math.max(0, x - reach);
      const right = Math.min(TILE_SIZE, x + reach + 1);
      const sum =
        sums[bottom * side + right]! -
        sums[top * side + right]! -
        sums[bottom * side + left]! +
        sums[top * side + left]!;
      const level = sum / ((bottom - top) * (right - left));
      contrast[y * TILE_SIZE + x] = (tile[y * TILE_SIZE + x]! - level) / Math.max(level, LEAST_LEVEL);
    }
  }
}
