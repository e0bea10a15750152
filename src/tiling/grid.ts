import { InvalidProductError } from '../domain/errors.js';
import type { TileGrid } from '../domain/tile.js';
import { validColumns } from '../domain/valid-columns.js';

export interface GridOptions {
  /** Side of a tile in pixels. */
  readonly size: number;
  /** Distance between neighbouring tiles across (samples) and along (lines), 1..size. */
  readonly strideX: number;
  readonly strideY: number;
}

/**
 * Lays tiles over the valid area of an image: one every stride, the last column and row flush with the
 * border, so that every valid pixel lies in a tile. With stride = size / 2 every pixel farther than half
 * a tile from the border lies in at least four.
 *
 * @throws InvalidProductError when the valid area is smaller than one tile.
 */
export function planGrid(image: { width: number; height: number }, o: GridOptions): TileGrid {
  for (const [name, stride] of [
    ['strideX', o.strideX],
    ['strideY', o.strideY],
  ] as const) {
    if (!Number.isInteger(stride) || stride < 1 || stride > o.size) {
      throw new RangeError(`${name} must be a whole number from 1 to the tile size ${o.size}, not ${stride}`);
    }
  }
  checkHoldsTile('The image', image, o.size);
  const { from, to } = validColumns(image.width);
  return {
    size: o.size,
    xs: positions(from, to, o.size, o.strideX),
    ys: positions(0, image.height, o.size, o.strideY),
  };
}

/**
 * @param name what the image is called in the sentence
 * @param size side of a tile, px
 * @throws InvalidProductError `too_small`
 */
export function checkHoldsTile(name: string, image: { width: number; height: number }, size: number): void {
  const { from, to } = validColumns(image.width);
  if (to - from >= size && image.height >= size) return;
  throw new InvalidProductError(
    'too_small',
    `${name} has ${to - from} x ${image.height} valid pixels, less than one tile of ${size} x ${size}; give a larger one.`,
  );
}

function positions(from: number, to: number, size: number, stride: number): Int32Array {
  const last = to - size;
  const regular = Math.floor((last - from) / stride) + 1;
  const flush = from + (regular - 1) * stride < last ? 1 : 0;
  const out = new Int32Array(regular + flush);
  for (let i = 0; i < regular; i++) out[i] = from + i * stride;
  if (flush) out[regular] = last;
  return out;
}
