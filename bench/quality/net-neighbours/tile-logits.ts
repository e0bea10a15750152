import { octantShare, turnInto } from '../../../src/domain/turn.js';
import { turnSquare } from '../../../src/domain/turn-square.js';
import { BODIES, CELLS, type HardwareNet, TRACK_CELLS } from '../../../src/model/hardware-net.js';
import { hardwarePlanes, INPUT_PLANES } from '../../../src/model/hardware-planes.js';
import type { TensorFlow } from '../../../src/model/tensorflow.js';
import { TILE_SIZE } from '../../../src/model/architecture.js';
import { BORDER_CELLS } from '../../../src/scoring/hardware-logits.js';
import { turnPicture } from '../../net-strip/turn-picture.js';
import type { Scenery } from '../injections.js';
import { mirrored } from '../neighbours/windows.js';
import { cutTiles, gridOf } from '../score-picture.js';
import { picturePlanes } from './net-planes.js';

/** Highest logits of tiles, one array for each of what the net tells of. */
export interface TileLogits {
  readonly lander: Float32Array;
  readonly small: Float32Array;
  readonly tracks: Float32Array;
}

const BATCH = 64;
/** Pixels that a picture is continued by, mirrored: more than a cell sees and its deviation is taken over. */
const AROUND = 64;
/** Pixels that a cell of tracks stands for, and of bodies. */
const TRACK_SIDE = TILE_SIZE / TRACK_CELLS;
const SIDE = TILE_SIZE / CELLS;

/** Logits of some tiles of a picture, each tile alone with zeros around it, of the cells that the product takes. */
export function logitsAlone(
  tf: TensorFlow,
  net: HardwareNet,
  picture: Scenery,
  tiles: readonly number[],
): TileLogits {
  const { turn, angleDeg } = turnInto(picture.shadow);
  const area = TILE_SIZE ** 2;
  const out = emptyLogits(tiles.length);
  for (let from = 0; from < tiles.length; from += BATCH) {
    const batch = tiles.slice(from, from + BATCH);
    const pixels = cutTiles(picture, gridOf(picture), batch);
    const turned = new Uint8Array(pixels.length);
    batch.forEach((_, i) => turnSquare(pixels, turned, TILE_SIZE, turn, i * area, i * area));
    const shares = Float32Array.from(turned, (dn) => dn / 255);
    const octants = new Float32Array(batch.length).fill(octantShare(angleDeg));
    const planes = hardwarePlanes(shares, octants);
    const { bodies, tracks } = run(tf, net, planes, [batch.length, TILE_SIZE, TILE_SIZE]);
    batch.forEach((_, i) => {
      const at = { cells: bodies, row: i * CELLS, columns: CELLS };
      const line = { cells: tracks, row: i * TRACK_CELLS, columns: TRACK_CELLS };
      const corner = { x: BORDER_CELLS, y: BORDER_CELLS };
      const inner = CELLS - 2 * BORDER_CELLS;
      out.lander[from + i] = highest({ ...at, heads: BODIES.length, head: 0 }, corner, inner);
      out.small[from + i] = highest({ ...at, heads: BODIES.length, head: 1 }, corner, inner);
      out.tracks[from + i] = highest({ ...line, heads: 1, head: 0 }, { x: 0, y: 0 }, TRACK_CELLS);
    });
  }
  return out;
}

/**
 * Logits of some tiles of a picture that goes through the net as one, so that each cell sees real neighbours. Where
 * the picture ends it is continued by its mirror image.
 *
 * @returns by the cells whose middles lie in a tile, without those along its border as in the product, and with them
 */
export function logitsTogether(
  tf: TensorFlow,
  net: HardwareNet,
  picture: Scenery,
  tiles: readonly number[],
): { readonly inner: TileLogits; readonly all: TileLogits } {
  const { turn, angleDeg } = turnInto(picture.shadow);
  const turned = turnPicture(picture.data, picture.width, turn);
  const { pixels, width } = continued(turned.pixels, turned.width);
  const height = pixels.length / width;
  const planes = picturePlanes(pixels, width, octantShare(angleDeg));
  const { bodies, tracks } = run(tf, net, planes, [1, height, width]);
  const grid = gridOf(picture);
  const found = { inner: emptyLogits(tiles.length), all: emptyLogits(tiles.length) };
  tiles.forEach((tile, i) => {
    const left = grid.xs[tile % grid.xs.length]!;
    const top = grid.ys[Math.floor(tile / grid.xs.length)]!;
    const x = turn.mirrorX ? picture.width - TILE_SIZE - left : left;
    const y = turn.mirrorY ? picture.height - TILE_SIZE - top : top;
    const corner = turn.transpose ? { x: y, y: x } : { x, y };
    const first = (border: number, side: number) => ({
      x: firstCell(corner.x + AROUND + border * side, side),
      y: firstCell(corner.y + AROUND + border * side, side),
    });
    const at = { cells: bodies, row: 0, columns: width / SIDE, heads: BODIES.length };
    const line = { cells: tracks, row: 0, columns: width / TRACK_SIDE, heads: 1, head: 0 };
    for (const [logits, border] of [
      [found.inner, BORDER_CELLS],
      [found.all, 0],
    ] as const) {
      logits.lander[i] = highest({ ...at, head: 0 }, first(border, SIDE), CELLS - 2 * border);
      logits.small[i] = highest({ ...at, head: 1 }, first(border, SIDE), CELLS - 2 * border);
      logits.tracks[i] = highest(line, first(0, TRACK_SIDE), TRACK_CELLS);
    }
  });
  return found;
}

/** The first cell whose middle lies at a pixel or beyond it. */
function firstCell(pixel: number, side: number): number {
  return Math.ceil(pixel / side - 0.5);
}

interface Cells {
  readonly cells: Float32Array;
  /** First row of cells, and cells along a row. */
  readonly row: number;
  readonly columns: number;
  readonly heads: number;
  readonly head: number;
}

function highest(
  { cells, row, columns, heads, head }: Cells,
  { x, y }: { x: number; y: number },
  side: number,
): number {
  let most = -Infinity;
  for (let v = y; v < y + side; v++)
    for (let u = x; u < x + side; u++)
      most = Math.max(most, cells[((row + v) * columns + u) * heads + head]!);
  return most;
}

function run(
  tf: TensorFlow,
  net: HardwareNet,
  planes: Float32Array,
  shape: readonly [number, number, number],
): { bodies: Float32Array; tracks: Float32Array } {
  const logits = tf.tidy(() => net.logits(tf.tensor4d(planes, [...shape, INPUT_PLANES])));
  try {
    return { bodies: logits.bodies.dataSync<'float32'>(), tracks: logits.tracks.dataSync<'float32'>() };
  } finally {
    tf.dispose(logits);
  }
}

/** A picture with 64 mirrored pixels around it, and more after its ends until its sides are multiples of 8. */
function continued(
  pixels: Uint8Array,
  width: number,
): { readonly pixels: Uint8Array; readonly width: number } {
  const height = pixels.length / width;
  const whole = (side: number): number => Math.ceil((side + 2 * AROUND) / TRACK_SIDE) * TRACK_SIDE;
  const out = new Uint8Array(whole(width) * whole(height));
  let at = 0;
  for (let y = 0; y < whole(height); y++)
    for (let x = 0; x < whole(width); x++)
      out[at++] = pixels[mirrored(y - AROUND, height) * width + mirrored(x - AROUND, width)]!;
  return { pixels: out, width: whole(width) };
}

function emptyLogits(count: number): TileLogits {
  return {
    lander: new Float32Array(count),
    small: new Float32Array(count),
    tracks: new Float32Array(count),
  };
}
