import sharp from 'sharp';
import type { Chips } from '../domain/detection.js';

/** Reconstruction error that gets the brightest colour; the same in all chips, so that they compare. */
export const ERROR_FULL_SCALE = 0.4;

/** Colour of the tile's box in the context. */
const BOX = [255, 210, 0] as const;

/** Dark violet over green to yellow: nine points along matplotlib's viridis. */
const VIRIDIS = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [145, 215, 70],
  [253, 231, 37],
] as const;

export interface ChipSource {
  readonly size: number;
  /** `size * size` DN. */
  readonly tile: Uint8Array;
  /** `size * size`, 0..1. */
  readonly reconstruction: Float32Array;
  /** `size * size`: |x - xhat|, 0..1; NaN where there is no data. */
  readonly error: Float32Array;
  readonly context: { readonly width: number; readonly height: number; readonly pixels: Uint8Array };
  /** Upper-left pixel of the tile in the context. */
  readonly tileX: number;
  readonly tileY: number;
}

/**
 * Draws the four pictures of a detection as PNG: tile and reconstruction in grey as they are, the error in
 * colours of a fixed scale, and the surroundings with a box along the tile's border.
 */
export async function drawChips(source: ChipSource): Promise<Chips> {
  const { size, context } = source;
  const [tile, reconstruction, error, surroundings] = await Promise.all([
    greyPng(source.tile, size, size),
    greyPng(
      Uint8Array.from(source.reconstruction, (v) => Math.round(255 * unit(v))),
      size,
      size,
    ),
    colourPng(errorColours(source.error), size, size),
    colourPng(boxed(source), context.width, context.height),
  ]);
  return { tile, reconstruction, error, context: surroundings };
}

function errorColours(error: Float32Array): Uint8Array {
  const colours = new Uint8Array(3 * error.length);
  error.forEach((value, i) => {
    const at = unit(value / ERROR_FULL_SCALE) * (VIRIDIS.length - 1);
    const low = Math.min(Math.floor(at), VIRIDIS.length - 2);
    const [from, to] = [VIRIDIS[low]!, VIRIDIS[low + 1]!];
    for (let c = 0; c < 3; c++) colours[3 * i + c] = Math.round(from[c]! + (at - low) * (to[c]! - from[c]!));
  });
  return colours;
}

function boxed({ context, tileX, tileY, size }: ChipSource): Uint8Array {
  const colours = new Uint8Array(3 * context.pixels.length);
  for (let i = 0, at = 0; i < context.pixels.length; i++) {
    const dn = context.pixels[i] ?? 0;
    colours[at++] = dn;
    colours[at++] = dn;
    colours[at++] = dn;
  }
  const paint = (x: number, y: number) => colours.set(BOX, 3 * (y * context.width + x));
  for (let i = 0; i < size; i++) {
    paint(tileX + i, tileY);
    paint(tileX + i, tileY + size - 1);
    paint(tileX, tileY + i);
    paint(tileX + size - 1, tileY + i);
  }
  return colours;
}

/** NaN becomes 0. */
function unit(value: number): number {
  return value > 0 ? Math.min(value, 1) : 0;
}

function greyPng(pixels: Uint8Array, width: number, height: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

function colourPng(pixels: Uint8Array, width: number, height: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
