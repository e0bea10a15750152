import { SQUARE_VALUES, SQUARES } from '../../../model/export-openvino-net.js';
import { TILE_SIZE } from '../../../model/architecture.js';
import { type KernelMemory, startKernels } from '../../../domain/load-kernels.js';
import type { TurnedBatch } from '../../scorer.js';

interface Exports extends KernelMemory {
  tilePlanes(pixels: number, octant: number, out: number): void;
}

const AREA = TILE_SIZE * TILE_SIZE;
const VALUES = SQUARES * SQUARES * SQUARE_VALUES;

/** Makes what the layers of `exportOpenVinoNet` see of tiles, in WebAssembly. */
export class TilePlanes {
  readonly #kernels = startKernels<Exports>();
  readonly #pixelsAt: number;
  readonly #planesAt: number;
  readonly #pixels: Uint8Array;
  readonly #planes: Uint16Array;

  constructor() {
    const kernels = this.#kernels;
    kernels.release();
    this.#pixelsAt = kernels.take(AREA);
    this.#planesAt = kernels.take(2 * VALUES);
    this.#pixels = new Uint8Array(kernels.memory.buffer, this.#pixelsAt, AREA);
    this.#planes = new Uint16Array(kernels.memory.buffer, this.#planesAt, VALUES);
  }

  /** Lays the planes of the tiles `from` to `to` into `values`, the bits of bfloat16. */
  write({ pixels, octants }: TurnedBatch, values: Uint16Array, from: number, to: number): void {
    for (let tile = from; tile < to; tile++) {
      this.#pixels.set(pixels.subarray(tile * AREA, (tile + 1) * AREA));
      this.#kernels.tilePlanes(this.#pixelsAt, octants[tile]!, this.#planesAt);
      values.set(this.#planes, (tile - from) * VALUES);
    }
  }
}
