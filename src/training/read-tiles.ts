import type { StripRange } from '../domain/raster.js';
import type { Random } from '../domain/random.js';
import { validColumns } from '../domain/valid-columns.js';
import { TILE_SIZE } from '../model/architecture.js';
import { type OpenImage, readWhole, type TrainingImage } from './images.js';
import { TileDraw } from './tile-draw.js';
import { cutTiles, type TrainingTile } from './tiles.js';

/** Rows of tiles that are read at a time. */
const BAND_ROWS = 16;

export interface TileOptions {
  /** Pixels between tiles. */
  readonly stride: number;
  /** More tiles of one image are drawn at random. */
  readonly tilesPerImage: number;
}

/**
 * The tiles of one image to train on. What is kept in memory is the image or, where that is less, the tiles:
 * a large product is read band by band and leaves no more than its share behind.
 */
export async function readTiles(
  image: OpenImage,
  options: TileOptions,
  random: Random,
): Promise<TrainingTile[]> {
  const { stride, tilesPerImage } = options;
  const draw = new TileDraw(tilesPerImage, random);
  const { from, to } = validColumns(image.width);
  const cells = placesAlong(to - from, stride) * placesAlong(image.height, stride);
  const area = TILE_SIZE * TILE_SIZE;
  if (Math.min(cells, tilesPerImage) * area >= image.width * image.height) {
    const tiles: TrainingTile[] = [];
    for (const tile of cutTiles(await readWhole(image), stride)) {
      const place = draw.next();
      if (place !== null) tiles[place] = tile;
    }
    return tiles;
  }
  const bytes = area * image.channels;
  const stack = new Uint8Array(Math.min(cells, tilesPerImage) * bytes);
  for await (const band of image.bands(bandsOf(image.height, stride))) {
    for (const tile of cutTiles(band, stride)) {
      const place = draw.next();
      if (place !== null) copyTile(tile, stack, place * bytes);
    }
  }
  const { name, channels, exactNulls } = image;
  const height = draw.kept * TILE_SIZE;
  const pixels = draw.kept * bytes < stack.length ? stack.slice(0, draw.kept * bytes) : stack;
  const stacked: TrainingImage = { name, width: TILE_SIZE, height, channels, pixels, exactNulls };
  return Array.from({ length: draw.kept }, (_, i) => ({ image: stacked, x: 0, y: i * TILE_SIZE }));
}

function placesAlong(side: number, stride: number): number {
  return side < TILE_SIZE ? 0 : Math.floor((side - TILE_SIZE) / stride) + 1;
}

function* bandsOf(height: number, stride: number): Generator<StripRange> {
  const rows = placesAlong(height, stride);
  for (let row = 0; row < rows; row += BAND_ROWS) {
    const count = Math.min(BAND_ROWS, rows - row);
    yield { firstLine: row * stride, lines: (count - 1) * stride + TILE_SIZE };
  }
}

function copyTile({ image, x, y }: TrainingTile, stack: Uint8Array, at: number): void {
  const line = TILE_SIZE * image.channels;
  for (let row = 0; row < TILE_SIZE; row++) {
    const from = ((y + row) * image.width + x) * image.channels;
    stack.set(image.pixels.subarray(from, from + line), at + row * line);
  }
}
