import { type KernelMemory, startKernels } from '../domain/load-kernels.js';
import { reserveForStrip } from '../tiling/strip-memory.js';
import type { PixelArea } from './pixel-area.js';

/** What `src/kernels` gives: addresses are bytes in its memory. */
interface Exports extends KernelMemory {
  setWeight(blur: number, k: number, weight: number): void;
  contrast(
    data: number,
    nulls: number,
    stride: number,
    width: number,
    lines: number,
    firstLine: number,
    margin: number,
    from: number,
    to: number,
    field: number,
  ): void;
  lightAround(data: number, nulls: number, stride: number, size: number, x: number, y: number): number;
  readonly setDirections: (count: number) => void;
  readonly setStep: (
    direction: number,
    step: number,
    upper: number,
    lower: number,
    w00: number,
    w10: number,
    w01: number,
    w11: number,
  ) => void;
  strongest(origin: number, stride: number, width: number, height: number, floor: number): number;
  foundResponse(): number;
}

/** Takes the directions of a search, and of each the steps that it looks by. */
export type TriSteps = Pick<Exports, 'setDirections' | 'setStep'>;

/** Lines of float64 that the kernels keep beside a field, and bytes of each above its pixels' own. */
const SCRATCH_LINES = 64;
const SCRATCH_ROOM = 64;
/** Bytes that are read, though not used, beyond the end of an array. */
const BEYOND = 64;

/**
 * What is done per pixel of a strip, in WebAssembly: the local contrast, the search for its peaks, and the light there. Holds memory
 * for one strip, which the next one gets.
 */
export class StripKernels {
  readonly #exports = startKernels<Exports>();
  /** Whose directions the kernels hold. */
  #directed: object | null = null;
  #pixelsAt = 0;
  #nullsAt = 0;
  #stride = 0;

  /**
   * Works out the contrast of an area; see `contrastField`.
   *
   * @param weights of the fine blur, of the coarse mean's and the background's, each from the centre on
   * @returns where the field lies
   */
  contrast(
    { data, stride, offset, width, lines, firstLine, nulls }: PixelArea,
    weights: readonly Float64Array[],
    margin: number,
    wanted: { readonly from: number; readonly to: number },
  ): number {
    const kernels = this.#exports;
    const bytes = stride * lines;
    const fieldBytes = 4 * (width + 2 * margin) * (lines + 2 * margin);
    const scratch = SCRATCH_LINES * (8 * width + SCRATCH_ROOM);
    reserveForStrip(kernels, (nulls ? 2 : 1) * (bytes + BEYOND) + fieldBytes + BEYOND + scratch);
    const pixelsAt = kernels.take(bytes + BEYOND);
    const nullsAt = nulls ? kernels.take(bytes + BEYOND) : 0;
    const field = kernels.take(fieldBytes + BEYOND);
    const memory = new Uint8Array(kernels.memory.buffer);
    memory.set(data.subarray(0, bytes), pixelsAt);
    if (nulls) memory.set(nulls.subarray(0, bytes), nullsAt);
    this.#pixelsAt = pixelsAt;
    this.#nullsAt = nullsAt;
    this.#stride = stride;
    weights.forEach((blur, i) => blur.forEach((weight, k) => kernels.setWeight(i, k, weight)));
    const nullsFrom = nulls ? nullsAt + offset : 0;
    const { from, to } = wanted;
    kernels.contrast(pixelsAt + offset, nullsFrom, stride, width, lines, firstLine, margin, from, to, field);
    this.#directed = null;
    return field;
  }

  /**
   * The most light, 0..1, at and around a place of a tile: blurred by 0.8 px, within 2 px of it. That is what
   * `residualAt` gives where a reconstruction explains nothing, and so the most that it can give.
   *
   * @param x,line upper-left pixel of the tile in the strip whose contrast was worked out last
   * @param place in the tile, px
   */
  lightAround(
    x: number,
    line: number,
    size: number,
    place: { readonly x: number; readonly y: number },
  ): number {
    const at = line * this.#stride + x;
    const nulls = this.#nullsAt === 0 ? 0 : this.#nullsAt + at;
    return this.#exports.lightAround(this.#pixelsAt + at, nulls, this.#stride, size, place.x, place.y) / 255;
  }

  /** A view of the memory, which holds until the next field is worked out. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#exports.memory.buffer, at, length);
  }

  /** For a search that goes by the directions of `owner`; where they are not those of the last, `set` sets them. */
  directedBy(owner: object, set: (steps: TriSteps) => void): void {
    if (this.#directed === owner) return;
    set(this.#exports);
    this.#directed = owner;
  }

  /** @returns place of the strongest response from `origin` on, in pixels; -1 where none is above `floor` */
  strongest(origin: number, stride: number, width: number, height: number, floor: number): number {
    return this.#exports.strongest(origin, stride, width, height, floor);
  }

  /** What `strongest` has found there. */
  get response(): number {
    return this.#exports.foundResponse();
  }
}
