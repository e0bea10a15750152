import type { StretchRule } from '../domain/raster.js';
import { validColumns } from '../domain/valid-columns.js';

/** A part of an image in which to look: `lines` whole lines from `firstLine` on. */
export interface Sampled {
  readonly firstLine: number;
  readonly lines: number;
}

/** Maps samples to 1..255 linearly, and what holds none to 0. */
export interface Stretch {
  /** Sample that becomes 1, and one that becomes 255. */
  readonly black: number;
  readonly white: number;
}

/** Places that are looked at, and lines at each: 256 lines at most. */
const PLACES = 64;
const LINES_A_PLACE = 4;
/** Samples that are sorted at most: 8 MB. */
const MOST_SAMPLES = 2 ** 21;
/**
 * Samples that lie this little below the middle between two grey levels go up with those on it, so that
 * rounding in the arithmetic of a calibrated image does not part what was equal in the raw one.
 */
const TIE = Math.SQRT2 * 1e-4;

/** Evenly spaced lines over a whole image, all of it when it is small. */
export function sampledLines(height: number): Sampled[] {
  if (height <= PLACES * LINES_A_PLACE) return [{ firstLine: 0, lines: height }];
  return Array.from({ length: PLACES }, (_, i) => ({
    firstLine: Math.round((i * (height - LINES_A_PLACE)) / (PLACES - 1)),
    lines: LINES_A_PLACE,
  }));
}

/**
 * Keeps the finite samples of the columns that saw the Moon; of very wide images every second one, or fewer.
 */
export class SampleSet {
  readonly #values: Float32Array;
  readonly #from: number;
  readonly #to: number;
  readonly #step: number;
  readonly #width: number;
  #count = 0;

  constructor(width: number, lines: number) {
    ({ from: this.#from, to: this.#to } = validColumns(width));
    this.#width = width;
    this.#step = Math.ceil(((this.#to - this.#from) * lines) / MOST_SAMPLES);
    this.#values = new Float32Array(Math.ceil((this.#to - this.#from) / this.#step) * lines);
  }

  /** @param samples whole lines. */
  add(samples: Float32Array): void {
    for (let line = 0; line < samples.length; line += this.#width) {
      for (let x = this.#from; x < this.#to; x += this.#step) {
        const value = samples[line + x]!;
        if (Number.isFinite(value)) this.#values[this.#count++] = value;
      }
    }
  }

  /** By nearest rank, so that an affine change of all samples changes them alike. */
  stretch(rule: StretchRule): Stretch {
    const values = this.#values.subarray(0, this.#count).sort();
    const at = (percent: number): number => values[Math.round((percent / 100) * (values.length - 1))] ?? 0;
    let [low, high] = [at(rule.low), at(rule.high)];
    // Nearly all of an image may be of one level; what is not still has to be seen.
    if (!(high > low)) [low, high] = [at(0), at(100)];
    return { black: low, white: high + rule.headroom * (high - low) };
  }
}

/**
 * Grey levels of samples: NaN (no data) is 0, -Infinity 1, +Infinity 255. An image of one level is grey.
 *
 * @param out as many bytes as there are samples.
 */
export function applyStretch({ black, white }: Stretch, samples: Float32Array, out: Uint8Array): void {
  const scale = 254 / (white - black);
  const isFlat = !(white > black);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (value !== value) out[i] = 0;
    else if (isFlat && Number.isFinite(value)) out[i] = 128;
    else {
      const level = 1 + Math.floor((value - black) * scale + 0.5 + TIE);
      out[i] = level < 1 ? 1 : level > 255 ? 255 : level;
    }
  }
}
