import { sampleKernels } from './sample-kernels.js';

/** Values that are counted by one call. */
const VALUES_AT_ONCE = 2 ** 18;
const HALVES = 65_536;
/** Upper halves of the order of float32 (`src/kernels/ranks.ts`) that finite ones have. */
const LEAST = 0x0080;
const MOST = 0xff7f;

/** The finite ones of many values by their rank, without sorting them: counted by halves of their bits. */
export class Ranks {
  readonly #values: Float32Array;
  readonly #upper: Uint32Array;
  readonly #lower = new Map<number, Uint32Array>();
  readonly #count: number;

  constructor(values: Float32Array) {
    this.#values = values;
    this.#upper = this.#counts((run, at, count, counts) => run.countByUpper(at, count, counts));
    this.#count = this.#upper.subarray(LEAST, MOST + 1).reduce((sum, count) => sum + count, 0);
  }

  /** The value at a percentile, by nearest rank; 0 where there is none. */
  at(percent: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.round((percent / 100) * (this.#count - 1));
    const upper = nth(this.#upper, LEAST, rank);
    let lowers = this.#lower.get(upper.bin);
    if (lowers === undefined) {
      lowers = this.#counts((run, at, count, counts) => run.countByLower(at, count, upper.bin, counts));
      this.#lower.set(upper.bin, lowers);
    }
    return valueOf(((upper.bin << 16) | nth(lowers, 0, upper.rest).bin) >>> 0);
  }

  #counts(
    count: (run: ReturnType<typeof sampleKernels>['run'], at: number, count: number, counts: number) => void,
  ): Uint32Array {
    const kernels = sampleKernels();
    const length = Math.min(VALUES_AT_ONCE, this.#values.length);
    const [countsAt = 0, at = 0] = kernels.room(4 * HALVES, 4 * length);
    kernels.bytes.fill(0, countsAt, countsAt + 4 * HALVES);
    for (let from = 0; from < this.#values.length; from += length) {
      const part = this.#values.subarray(from, from + length);
      kernels.floats(at, part.length).set(part);
      count(kernels.run, at, part.length, countsAt);
    }
    return new Uint32Array(kernels.bytes.slice(countsAt, countsAt + 4 * HALVES).buffer);
  }
}

/** The bin of the value at a rank that is counted from bin `first` on. @returns it, and the rank in it */
function nth(counts: Uint32Array, first: number, rank: number): { bin: number; rest: number } {
  let [bin, rest] = [first, rank];
  while (rest >= counts[bin]!) rest -= counts[bin++]!;
  return { bin, rest };
}

/** The float32 at a place of the order. */
function valueOf(order: number): number {
  const bits = order >= 2 ** 31 ? order ^ 0x80000000 : ~order;
  return new Float32Array(Int32Array.of(bits).buffer)[0]!;
}
