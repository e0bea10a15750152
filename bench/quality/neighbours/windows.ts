import type { Random } from '../../../src/domain/random.js';
import { TILE_SIZE } from '../../../src/model/architecture.js';
import type { TrainingTile } from '../../../src/training/tiles.js';
import type { Grey } from '../render/ground.js';

/**
 * Copies the window around a tile, `(64 + 2 * margin)` squared DN. Beyond the picture's border it is mirrored in
 * its outermost pixel.
 *
 * @param x,y upper-left pixel of the tile
 */
export function copyWindow(picture: Grey, x: number, y: number, margin: number, out: Uint8Array): void {
  const { width, height, data } = picture;
  const side = TILE_SIZE + 2 * margin;
  let at = 0;
  for (let row = 0; row < side; row++) {
    const line = mirrored(y - margin + row, height) * width;
    for (let column = 0; column < side; column++)
      out[at++] = data[line + mirrored(x - margin + column, width)]!;
  }
}

/** A place along a side, mirrored in its outermost pixels where it lies beyond them. */
export function mirrored(at: number, length: number): number {
  if (at < 0) return -at;
  return at < length ? at : 2 * (length - 1) - at;
}

/**
 * A batch of windows as [tiles, 64 + 2 margin, 64 + 2 margin, 1] in 0..1, each mirrored at random either way or
 * both. With a margin of 0 they are the tiles as `fillBatch` gives them with `flips`.
 *
 * @param random draws once a tile
 */
export function fillWindows(
  tiles: readonly TrainingTile[],
  margin: number,
  random: Random,
): Float32Array<ArrayBuffer> {
  const side = TILE_SIZE + 2 * margin;
  const area = side * side;
  const batch = new Float32Array(tiles.length * area);
  const window = new Uint8Array(area);
  tiles.forEach(({ image, x, y }, i) => {
    const way = random.integer(4);
    copyWindow({ ...image, data: image.pixels }, x, y, margin, window);
    let at = i * area;
    for (let row = 0; row < side; row++) {
      const line = (way & 1 ? side - 1 - row : row) * side;
      for (let column = 0; column < side; column++)
        batch[at++] = window[line + (way & 2 ? side - 1 - column : column)]! / 255;
    }
  });
  return batch;
}
