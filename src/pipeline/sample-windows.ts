import { createHash } from 'node:crypto';
import { createRandom } from '../domain/random.js';
import { validColumns } from '../domain/valid-columns.js';
import { DEFAULT_MASKS } from '../tiling/mask-options.js';

/** A square cut of an image, in full-resolution pixels. */
export interface SampleWindow {
  /** Upper-left pixel, 0-based. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

export interface WindowOptions {
  /** Windows of one image at most. */
  readonly crops: number;
  /** Pixels. */
  readonly size: number;
  readonly seed: number;
}

/** Grey levels; a frame that saw nothing has 1.5 (lroc-archive, section 6). */
const LEAST_DEVIATION = 2;

/**
 * Bands of lines that get a window each, as many as asked for and as fit one below the other: the windows of an
 * image never overlap.
 */
export function windowBands(height: number, { crops, size }: WindowOptions): number {
  return Math.min(crops, Math.floor(height / size));
}

/**
 * Places a window at random within its band of lines and within the columns that saw the Moon.
 * @param productId and `attempt` with the seed give the place
 * @param band 0 .. `windowBands` - 1
 */
export function placeWindow(
  { width, height }: { width: number; height: number },
  productId: string,
  band: number,
  attempt: number,
  options: WindowOptions,
): SampleWindow {
  const { size, seed } = options;
  const bands = windowBands(height, options);
  const digest = createHash('sha256').update(`${seed}/${productId}/${band}/${attempt}`).digest();
  const random = createRandom(digest.readUInt32LE(0));
  const { from, to } = validColumns(width);
  const top = Math.floor((band * height) / bands);
  const bottom = Math.floor(((band + 1) * height) / bands);
  return {
    x: from + random.integer(to - from - size + 1),
    y: top + random.integer(bottom - top - size + 1),
    size,
  };
}

/**
 * Why a window is of no use to learn from, by the shares that mask a tile in a scan; null when it is.
 * @param exactNulls zeros mean no data and nothing else
 */
export function faultOfWindow(pixels: Uint8Array, exactNulls: boolean): string | null {
  const { shadowDn, saturatedDn, maxShadowShare, maxSaturatedShare, maxInvalidShare } = DEFAULT_MASKS;
  let zeros = 0;
  let dark = 0;
  let bright = 0;
  let sum = 0;
  let squares = 0;
  for (const value of pixels) {
    if (value === 0) zeros++;
    if (value <= shadowDn) dark++;
    if (value >= saturatedDn) bright++;
    sum += value;
    squares += value * value;
  }
  const count = pixels.length;
  if (exactNulls && zeros > maxInvalidShare * count) return 'without data';
  if (dark > maxShadowShare * count) return 'in shadow';
  if (bright > maxSaturatedShare * count) return 'saturated';
  const mean = sum / count;
  return squares / count - mean * mean < LEAST_DEVIATION ** 2 ? 'without relief' : null;
}
