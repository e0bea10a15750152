import { LEAST_DEVIATION, LEAST_LEVEL, LEVEL_SIDE } from '../../src/model/hardware-planes.js';

/** Pixels around each that its mean level is taken over, on each side. */
const LEVEL_REACH = (LEVEL_SIDE - 1) / 2;
/** The same for the deviation that contrast is standardised by: about as many pixels as a tile has. */
export const DEVIATION_REACH = 32;
const FULL_SCALE = 255;

/** What the learned scorer sees of pixels, whichever tile they lie in. */
export interface Contrast {
  /** c = (x - mean) / max(mean, 0.08 of full scale), the mean over 17 x 17 pixels, fewer at the picture's border. */
  readonly contrast: Float32Array;
  /** s = c / its deviation over 65 x 65 pixels, fewer at the border. */
  readonly standard: Float32Array;
}

/** Measures contrast against real neighbours. Its buffers are used again by the next call. */
export class NeighbourContrast {
  #contrast = new Float32Array(0);
  #standard = new Float32Array(0);

  /** @param pixels DN, `height` rows of `width`. @returns the first `pixels.length` of each count */
  measure(pixels: Uint8Array, width: number): Contrast {
    if (this.#contrast.length < pixels.length) {
      this.#contrast = new Float32Array(pixels.length);
      this.#standard = new Float32Array(pixels.length);
    }
    const contrast = this.#contrast.subarray(0, pixels.length);
    const standard = this.#standard.subarray(0, pixels.length);
    contrastOf(pixels, width, contrast);
    standardise(contrast, width, standard);
    return { contrast, standard };
  }
}

function contrastOf(pixels: Uint8Array, width: number, out: Float32Array): void {
  const height = pixels.length / width;
  const columns = new Int32Array(width);
  const shares = sharesOf(width, LEVEL_REACH);
  const rowShares = sharesOf(height, LEVEL_REACH);
  const least = LEAST_LEVEL * FULL_SCALE;
  for (let y = 0; y < Math.min(LEVEL_REACH, height); y++)
    for (let x = 0, at = y * width; x < width; x++) columns[x]! += pixels[at + x]!;
  for (let y = 0; y < height; y++) {
    const below = (y + LEVEL_REACH) * width;
    if (y + LEVEL_REACH < height) for (let x = 0; x < width; x++) columns[x]! += pixels[below + x]!;
    const above = (y - LEVEL_REACH - 1) * width;
    if (above >= 0) for (let x = 0; x < width; x++) columns[x]! -= pixels[above + x]!;
    let sum = 0;
    for (let x = 0; x < Math.min(LEVEL_REACH, width); x++) sum += columns[x]!;
    const row = y * width;
    const share = rowShares[y]!;
    for (let x = 0; x < width; x++) {
      if (x + LEVEL_REACH < width) sum += columns[x + LEVEL_REACH]!;
      if (x > LEVEL_REACH) sum -= columns[x - LEVEL_REACH - 1]!;
      const level = sum * shares[x]! * share;
      out[row + x] = (pixels[row + x]! - level) / (level > least ? level : least);
    }
  }
}

function standardise(contrast: Float32Array, width: number, out: Float32Array): void {
  const height = contrast.length / width;
  const columns = new Float64Array(width);
  const shares = sharesOf(width, DEVIATION_REACH);
  const rowShares = sharesOf(height, DEVIATION_REACH);
  const least = LEAST_DEVIATION ** 2;
  const add = (row: number, sign: 1 | -1): void => {
    for (let x = 0, at = row * width; x < width; x++)
      columns[x]! += sign * contrast[at + x]! * contrast[at + x]!;
  };
  for (let y = 0; y < Math.min(DEVIATION_REACH, height); y++) add(y, 1);
  for (let y = 0; y < height; y++) {
    if (y + DEVIATION_REACH < height) add(y + DEVIATION_REACH, 1);
    if (y > DEVIATION_REACH) add(y - DEVIATION_REACH - 1, -1);
    let sum = 0;
    for (let x = 0; x < Math.min(DEVIATION_REACH, width); x++) sum += columns[x]!;
    const row = y * width;
    const share = rowShares[y]!;
    for (let x = 0; x < width; x++) {
      if (x + DEVIATION_REACH < width) sum += columns[x + DEVIATION_REACH]!;
      if (x > DEVIATION_REACH) sum -= columns[x - DEVIATION_REACH - 1]!;
      const variance = sum * shares[x]! * share;
      out[row + x] = contrast[row + x]! / Math.sqrt(variance > least ? variance : least);
    }
  }
}

/** One by the number of pixels within reach of each along a side. */
function sharesOf(side: number, reach: number): Float64Array {
  return Float64Array.from(
    { length: side },
    (_, at) => 1 / (Math.min(at + reach, side - 1) - Math.max(at - reach, 0) + 1),
  );
}
