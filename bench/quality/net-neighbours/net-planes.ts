import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { CELLS, TRACK_CELLS } from '../../../src/model/hardware-net.js';
import { hardwarePlanes, INPUT_PLANES } from '../../../src/model/hardware-planes.js';
import { TILE_SIZE } from '../../../src/model/architecture.js';
import type { Examples } from '../../../src/training/hardware/examples.js';
import { NeighbourContrast } from '../../net-strip/neighbour-contrast.js';

/** `zeros`: as the product does, each tile alone. `neighbours`: with the real pixels around it. */
export const NET_VARIANTS = ['zeros', 'neighbours'] as const;
export type NetVariant = (typeof NET_VARIANTS)[number];

/** Pixels of an example on each side of its tile. */
export const MARGIN = 32;
/**
 * Of these as many go through the layers with `neighbours`: a multiple of the 8 that a cell of tracks stands for. A
 * cell sees 16 pixels beyond its own, one of tracks 27, so that what lies beyond is told by the tile's outermost cells
 * of tracks alone. The pixels farther out are for the deviation of contrast, which the outermost miss a part of.
 */
const CONVOLVED = 24;

const contrasts = new NeighbourContrast();

/** What the first layer sees of examples of margin 32. @returns [count, side, side, planes] */
export function planesOf(
  variant: NetVariant,
  { tiles, octants, count }: Pick<Examples, 'tiles' | 'octants' | 'count'>,
): { readonly values: Float32Array; readonly side: number; readonly planes: number } {
  const whole = TILE_SIZE + 2 * MARGIN;
  const area = whole * whole;
  if (variant === 'zeros') {
    const middles = new Float32Array(count * TILE_SIZE ** 2);
    for (let n = 0, at = 0; n < count; n++)
      for (let row = 0; row < TILE_SIZE; row++, at += TILE_SIZE) {
        const from = n * area + (row + MARGIN) * whole + MARGIN;
        middles.set(tiles.subarray(from, from + TILE_SIZE), at);
      }
    return { values: hardwarePlanes(middles, octants), side: TILE_SIZE, planes: INPUT_PLANES };
  }
  const side = TILE_SIZE + 2 * CONVOLVED;
  const values = new Float32Array(count * side * side * INPUT_PLANES);
  for (let n = 0; n < count; n++) {
    const pixels = Uint8Array.from(tiles.subarray(n * area, (n + 1) * area), (share) =>
      Math.round(255 * share),
    );
    const at = n * side * side * INPUT_PLANES;
    const part = { width: whole, from: MARGIN - CONVOLVED, rows: side, columns: side };
    neighbourPlanes(pixels, part, octants[n]!, values.subarray(at));
  }
  return { values, side, planes: INPUT_PLANES };
}

/** The planes of a whole picture, against real neighbours. @returns [height, width, 5] */
export function picturePlanes(pixels: Uint8Array, width: number, octant: number): Float32Array {
  const out = new Float32Array(pixels.length * INPUT_PLANES);
  neighbourPlanes(pixels, { width, from: 0, rows: pixels.length / width, columns: width }, octant, out);
  return out;
}

/**
 * Planes c, c u, s, s u, u of a part of a picture, against real neighbours.
 * @param part the picture's width, and the first row and column of the part and how many it has
 */
function neighbourPlanes(
  pixels: Uint8Array,
  { width, from, rows, columns }: { width: number; from: number; rows: number; columns: number },
  octant: number,
  out: Float32Array,
): void {
  const { contrast, standard } = contrasts.measure(pixels, width);
  let at = 0;
  for (let row = from; row < from + rows; row++)
    for (let column = from; column < from + columns; column++) {
      const i = row * width + column;
      out[at++] = contrast[i]!;
      out[at++] = contrast[i]! * octant;
      out[at++] = standard[i]!;
      out[at++] = standard[i]! * octant;
      out[at++] = octant;
    }
}

/** The logits of the tiles' own cells: bodies [n, 16, 16, 2], tracks [n, 8, 8, 1]. */
export function cellsOfTiles(
  variant: NetVariant,
  { bodies, tracks }: { bodies: tfjs.Tensor4D; tracks: tfjs.Tensor4D },
): { bodies: tfjs.Tensor4D; tracks: tfjs.Tensor4D } {
  if (variant === 'zeros') return { bodies, tracks };
  const cut = (logits: tfjs.Tensor4D, cells: number): tfjs.Tensor4D => {
    const from = (CONVOLVED * cells) / TILE_SIZE;
    return logits.slice([0, from, from, 0], [-1, cells, cells, -1]);
  };
  return { bodies: cut(bodies, CELLS), tracks: cut(tracks, TRACK_CELLS) };
}
