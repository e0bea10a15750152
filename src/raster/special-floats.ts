import type { SampleKernels } from './sample-kernels.js';
import type { ComputedWorth } from './sample-worth.js';

/** How float32 are read, as the kernels take it: see `setMeaning` of `src/kernels/levels.ts`. */
export class SpecialFloats {
  /** Bytes of the list of special values. */
  readonly bytes: number;
  readonly #list: Float32Array;
  readonly #worth: ComputedWorth;
  readonly #ofNaN: number;
  /** Stored values between these need no look at the list. */
  readonly #above: number;
  readonly #below: number;

  /**
   * @param typical a stored value such as most of the image's are
   * @param become 32 bits that stand for what a special value is worth
   */
  constructor(worth: ComputedWorth, typical: number, become: (worth: number) => number) {
    const { specials, minimum } = worth;
    this.#worth = worth;
    this.#ofNaN = become(specials.get(NaN) ?? NaN);
    const stored = [...specials].filter(([value]) => !Number.isNaN(value));
    this.#list = new Float32Array(8 * stored.length);
    this.bytes = this.#list.byteLength;
    const words = new Int32Array(this.#list.buffer);
    stored.forEach(([value, meaning], i) => {
      this.#list.fill(value, 8 * i, 8 * i + 4);
      words.fill(become(meaning), 8 * i + 4, 8 * i + 8);
    });
    let [above, below] = [minimum, Infinity];
    for (const [value] of stored) {
      if (value <= typical) above = Math.max(above, value);
      else below = Math.min(below, value);
    }
    this.#above = above;
    this.#below = below;
  }

  /** @param at where there is room for the list */
  set(kernels: SampleKernels, at: number): void {
    const { minimum, factor, base } = this.#worth;
    kernels.bytes.set(new Uint8Array(this.#list.buffer), at);
    const count = this.#list.length / 8;
    kernels.run.setMeaning(this.#above, this.#below, minimum, factor, base, this.#ofNaN, at, count);
  }
}

/** The bits of a float32. */
export function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}
