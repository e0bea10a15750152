import type { StretchRule } from '../domain/raster.js';
import { validColumns } from '../domain/valid-columns.js';
import { Ranks } from './ranks.js';
import { sampleKernels } from './sample-kernels.js';

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
/** Samples that are ranked at most: 8 MB. */
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
 * Keeps the samples of the columns that saw the Moon; of very wide images every second one, or fewer.
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
      const seen = samples.subarray(line + this.#from, line + this.#to);
      const kept = this.#step === 1 ? seen : everyNth(seen, this.#step);
      this.#values.set(kept, this.#count);
      this.#count += kept.length;
    }
  }

  /** Of the finite ones, by nearest rank, so that an affine change of all samples changes them alike. */
  stretch(rule: StretchRule): Stretch {
    const ranks = new Ranks(this.#values.subarray(0, this.#count));
    let [low, high] = [ranks.at(rule.low), ranks.at(rule.high)];
    // Nearly all of an image may be of one level; what is not still has to be seen.
    if (!(high > low)) [low, high] = [ranks.at(0), ranks.at(100)];
    return { black: low, white: high + rule.headroom * (high - low) };
  }
}

/** A view that holds until the kernels are called again. */
function everyNth(values: Float32Array, step: number): Float32Array {
  const kernels = sampleKernels();
  const [at = 0] = kernels.room(4 * values.length);
  kernels.floats(at, values.length).set(values);
  const count = Math.ceil(values.length / step);
  kernels.run.everyNth(at, at, count, step, 4);
  return kernels.floats(at, count);
}

/** Grey levels to a unit of the samples. */
export function levelsPerUnit({ black, white }: Stretch): number {
  return 254 / (white - black);
}

/** The grey level of a sample: NaN (no data) is 0, -Infinity 1, +Infinity 255. An image of one level is grey. */
export function levelOf(stretch: Stretch, value: number): number {
  const { black, white } = stretch;
  if (Number.isNaN(value)) return 0;
  if (!(white > black) && Number.isFinite(value)) return 128;
  const level = 1 + Math.floor((value - black) * levelsPerUnit(stretch) + 0.5 + TIE);
  return Math.min(Math.max(level, 1), 255);
}
