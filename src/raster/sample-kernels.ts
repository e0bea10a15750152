import { type KernelMemory, startKernels } from '../domain/load-kernels.js';

/** What `src/kernels` gives for samples: addresses are bytes in its memory. */
interface Exports extends KernelMemory {
  swapBytes(at: number, bytes: number, size: number): void;
  everyNth(from: number, to: number, count: number, step: number, size: number): void;
  spreadBytes(from: number, to: number, count: number, step: number): void;
  floatsOfWords(at: number, count: number, signed: boolean, isStated: boolean, stated: number): void;
  floatsOfDoubles(at: number, count: number, stated: number): void;
  addWeighted(values: number, sum: number, count: number, weight: number): void;
  eraseUnseen(opacity: number, values: number, count: number): void;
  undoDifferences(at: number, lines: number, samples: number, bands: number, size: number): void;
  undoFloatDifferences(
    from: number,
    to: number,
    lines: number,
    samples: number,
    bands: number,
    size: number,
  ): void;
  levelsOfBytes(from: number, to: number, count: number, table: number): void;
  levelsOfShorts(from: number, to: number, count: number, table: number): void;
  numbersOfBytes(from: number, to: number, count: number, table: number): void;
  numbersOfShorts(from: number, to: number, count: number, table: number): void;
  setMeaning(
    above: number,
    below: number,
    least: number,
    factor: number,
    base: number,
    nan: number,
    specials: number,
    count: number,
  ): void;
  readonly setStretch: (black: number, scale: number, flat: boolean) => void;
  levelsOfFloats(from: number, to: number, count: number): void;
  numbersOfFloats(at: number, count: number): void;
  countByUpper(at: number, count: number, counts: number): void;
  countByLower(at: number, count: number, upper: number, counts: number): void;
}

const PAGE = 65_536;
/** Bytes of the largest table: float32 for each 16-bit sample. */
const TABLE_BYTES = 4 * 65_536;
/** Bytes that vectors may touch, though not use, beyond the end of an array. */
export const BEYOND = 64;

/**
 * What is done per sample, in WebAssembly. An instance serves a whole thread: what is put into its memory holds until
 * the caller lets others run.
 */
export class SampleKernels {
  readonly run: Exports;
  readonly #tableAt: number;
  #table: object | null = null;
  #bytes: Uint8Array;

  constructor() {
    this.run = startKernels<Exports>();
    this.#tableAt = this.run.release();
    this.#bytes = this.#grownTo(this.#tableAt + TABLE_BYTES + BEYOND);
  }

  /** @returns where the table lies; one that was used last is not copied again, so it must not change */
  table(table: Float32Array | Uint8Array): number {
    if (this.#table !== table) {
      this.#bytes.set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength), this.#tableAt);
      this.#table = table;
    }
    return this.#tableAt;
  }

  /**
   * Where arrays of so many bytes lie, each with room behind it, on multiples of 16. They take the place of all that
   * `room` gave before.
   */
  room(...lengths: number[]): number[] {
    let at = this.#tableAt + TABLE_BYTES + BEYOND;
    const places = lengths.map((length) => {
      const place = at;
      at = (at + length + BEYOND + 15) & ~15;
      return place;
    });
    if (at > this.#bytes.length) this.#bytes = this.#grownTo(at);
    return places;
  }

  /** A view of the memory, which holds until `room` is called. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#bytes.buffer, at, length);
  }

  #grownTo(end: number): Uint8Array {
    const { memory } = this.run;
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
    return new Uint8Array(memory.buffer);
  }
}

let shared: SampleKernels | undefined;

/** Those of this thread. */
export function sampleKernels(): SampleKernels {
  return (shared ??= new SampleKernels());
}
