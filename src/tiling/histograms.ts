import { type KernelMemory, startKernels } from '../domain/load-kernels.js';
import type { Strip } from '../domain/raster.js';
import { reserveForStrip } from './strip-memory.js';

/** What `src/kernels` gives: addresses are bytes in its memory. */
interface Exports extends KernelMemory {
  countArea(
    data: number,
    nulls: number,
    stride: number,
    width: number,
    lines: number,
    counters: number,
  ): number;
  sumCounters(a: number, b: number, c: number, d: number): void;
  countWithin(from: number, to: number): number;
  medianLevel(): number;
  medianDistance(centre: number): number;
}

/** Bytes of a set of counters, one for each dn. */
const SET_BYTES = 4 * 256;
/** Bytes that are read, though not used, beyond the end of an array. */
const BEYOND = 64;

/**
 * Histograms of squares of a strip's pixels, in WebAssembly, with quantiles between the grey levels: a value dn is
 * spread evenly over [dn - 0.5, dn + 0.5]. Holds memory for one strip, which the next one gets.
 */
export class Histograms {
  readonly #kernels = startKernels<Exports>();
  #width = 0;
  #pixelsAt = 0;
  #nullsAt = 0;
  #setsAt = 0;

  /**
   * Takes a strip in place of the last one.
   *
   * @param nulls flags as findNullPixels gives them @param sets of counters that there is to be room for
   * @throws OperationalError where there is no memory for it
   */
  open({ data, width, lines }: Strip, nulls: Uint8Array | null, sets: number): void {
    const kernels = this.#kernels;
    const bytes = width * lines;
    // One more, of zeros.
    const setBytes = (sets + 1) * SET_BYTES;
    reserveForStrip(kernels, (nulls ? 2 : 1) * (bytes + BEYOND) + setBytes + BEYOND);
    this.#width = width;
    this.#pixelsAt = kernels.take(bytes + BEYOND);
    this.#nullsAt = nulls ? kernels.take(bytes + BEYOND) : 0;
    this.#setsAt = kernels.take(setBytes);
    const memory = new Uint8Array(kernels.memory.buffer);
    memory.set(data.subarray(0, bytes), this.#pixelsAt);
    if (nulls) memory.set(nulls.subarray(0, bytes), this.#nullsAt);
    memory.fill(0, this.#setsAt, this.#setsAt + SET_BYTES);
  }

  /**
   * Counts the pixels of an area that are not null.
   *
   * @param set of counters to be written, 0.. @param x,line upper-left pixel of the area in the strip
   * @returns how many there are
   */
  count(set: number, x: number, line: number, width: number, lines: number): number {
    const at = line * this.#width + x;
    const nulls = this.#nullsAt === 0 ? 0 : this.#nullsAt + at;
    return this.#kernels.countArea(this.#pixelsAt + at, nulls, this.#width, width, lines, this.#set(set));
  }

  /** Sums up one set of counters, or four; the questions below hold for that. */
  sum(a: number, b = -1, c = -1, d = -1): void {
    this.#kernels.sumCounters(this.#set(a), this.#set(b), this.#set(c), this.#set(d));
  }

  /** Values from `from` to `to`, both included. */
  within(from: number, to: number): number {
    return this.#kernels.countWithin(Math.max(from, 0), Math.min(to, 255));
  }

  /** Of the values, to 1e-6 of a dn; there must be some. */
  median(): number {
    return this.#kernels.medianLevel();
  }

  /** Median distance from `centre`. */
  medianDistance(centre: number): number {
    return this.#kernels.medianDistance(centre);
  }

  /** Set -1 holds zeros. */
  #set(set: number): number {
    return this.#setsAt + (set + 1) * SET_BYTES;
  }
}
