import type { RasterSource, Strip } from '../domain/raster.js';
import { TILE_MARKS, type TileGrid, type TileParts } from '../domain/tile.js';
import { TileInspector } from '../tiling/inspect-tile.js';
import { masksFor, type MaskOptions } from '../tiling/mask-options.js';
import { findNullPixels, NULL_REACH } from '../tiling/null-pixels.js';

/** Lines of an image whose tiles are read together: a row of the archive's blocks. */
const BAND_LINES = 256;
/** Tiles with no more than this between them are read as one window, px. */
const GAP_PX = 256;

/** A tile as the networks see it. */
export interface TilePixels {
  readonly tile: number;
  /** `size * size` DN; what holds no data is filled with the median. */
  readonly pixels: Uint8Array;
  /** `size * size`, 1 = real data. */
  readonly valid: Uint8Array;
}

/**
 * Reads the pixels of some tiles again, as a strip's scoring has cut them: from the upper blocks of the image to the
 * lower, one window for tiles that lie close together.
 *
 * @param tiles in any order. @returns each of them, in the order they are read
 */
export async function* tilePixels(
  raster: Pick<RasterSource, 'info' | 'window'>,
  grid: TileGrid,
  parts: Pick<TileParts, 'marks'>,
  tiles: readonly number[],
  masks: MaskOptions,
): AsyncGenerator<TilePixels> {
  const { size } = grid;
  const place = (tile: number) => placeOf(grid, tile);
  const inReadingOrder = [...tiles].sort((a, b) => {
    const [p, q] = [place(a), place(b)];
    return Math.floor(p.y / BAND_LINES) - Math.floor(q.y / BAND_LINES) || p.x - q.x || p.y - q.y;
  });
  let near: number[] = [];
  for (const tile of inReadingOrder) {
    if ((parts.marks[tile]! & TILE_MARKS.filled) !== 0) {
      yield await filledTile(raster, grid, tile, masks);
      continue;
    }
    const before = near.at(-1);
    if (before !== undefined && !areNear(place(before), place(tile), size)) {
      yield* windowTiles(raster, grid, near);
      near = [];
    }
    near.push(tile);
  }
  if (near.length > 0) yield* windowTiles(raster, grid, near);
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function placeOf({ xs, ys }: TileGrid, tile: number): Place {
  return { x: xs[tile % xs.length]!, y: ys[Math.floor(tile / xs.length)]! };
}

function areNear(a: Place, b: Place, size: number): boolean {
  const sameBand = Math.floor(a.y / BAND_LINES) === Math.floor(b.y / BAND_LINES);
  return sameBand && b.x - a.x - size <= GAP_PX;
}

async function* windowTiles(
  raster: Pick<RasterSource, 'window'>,
  grid: TileGrid,
  tiles: readonly number[],
): AsyncGenerator<TilePixels> {
  const { size } = grid;
  const places = tiles.map((tile) => placeOf(grid, tile));
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  const width = Math.max(...places.map(({ x }) => x)) + size - left;
  const height = Math.max(...places.map(({ y }) => y)) + size - top;
  const window = await raster.window(left, top, width, height);
  for (const [i, tile] of tiles.entries()) {
    const { x, y } = places[i]!;
    const pixels = new Uint8Array(size * size);
    for (let row = 0; row < size; row++) {
      const from = (y - top + row) * width + x - left;
      pixels.set(window.subarray(from, from + size), row * size);
    }
    yield { tile, pixels, valid: new Uint8Array(size * size).fill(1) };
  }
}

/** A tile with lost data, which only whole lines around it tell from shadow. */
async function filledTile(
  raster: Pick<RasterSource, 'info' | 'window'>,
  grid: TileGrid,
  tile: number,
  masks: MaskOptions,
): Promise<TilePixels> {
  const { size } = grid;
  const { info } = raster;
  const { x, y } = placeOf(grid, tile);
  const firstLine = Math.max(0, y - NULL_REACH);
  const lines = Math.min(info.height, y + size + NULL_REACH) - firstLine;
  const strip: Strip = {
    firstLine,
    lines,
    width: info.width,
    data: await raster.window(0, firstLine, info.width, lines),
  };
  const ours = masksFor(info, masks);
  const inspector = new TileInspector(strip, findNullPixels(strip, ours), size, ours);
  const [pixels, valid] = [new Uint8Array(size * size), new Uint8Array(size * size)];
  inspector.cut(x, y, inspector.inspect(x, y), pixels, valid);
  return { tile, pixels, valid };
}
