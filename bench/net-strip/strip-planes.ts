import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KernelMemory, startModule } from '../../src/domain/load-kernels.js';
import { SQUARE_VALUES } from '../../src/model/export-openvino-net.js';

interface Exports extends KernelMemory {
  workSpace(width: number, height: number): number;
  stripPlanes(
    pixels: number,
    width: number,
    height: number,
    octant: number,
    work: number,
    out: number,
    narrow: boolean,
  ): void;
}

/** Lies beside the sources: benches run in the repository's root. */
const SOURCE = 'bench/net-strip/kernels/strip-planes.ts';
/** As `scripts/build-kernels.js` compiles those of the product. */
const OPTIONS = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--converge', '--noAssert', '--noColors'];

let module: Uint8Array | undefined;

/**
 * Makes what the layers of `exportStripNet` see of a strip, in WebAssembly: c and s of `NeighbourContrast` in the form
 * that `tilePlanes` of `src/kernels` gives tiles.
 */
export class StripPlanes {
  readonly #kernels = startModule<Exports>((module ??= compiled()));
  readonly #width: number;
  readonly #height: number;
  readonly #work: number;
  readonly #pixels: Uint8Array;
  readonly #out: number;

  /** @param width,height of the strips, pixels, multiples of 8 and of 2 */
  constructor(width: number, height: number) {
    const kernels = this.#kernels;
    this.#width = width;
    this.#height = height;
    kernels.release();
    this.#work = kernels.take(kernels.workSpace(width, height));
    const pixels = kernels.take(width * height);
    this.#out = kernels.take(4 * this.length);
    this.#pixels = new Uint8Array(kernels.memory.buffer, pixels, width * height);
  }

  /** Values of a strip. */
  get length(): number {
    return (this.#width * this.#height * SQUARE_VALUES) / 4;
  }

  /**
   * @param octant where the direction away from the Sun lies in the first octant, -1..1
   * @param out [height / 2, width / 2, 17]: of each 2 x 2 pixels, row by row, c, c u, s and s u, and u; float32, or
   *   the bits of bfloat16
   */
  write(pixels: Uint8Array, octant: number, out: Float32Array | Uint16Array): void {
    const kernels = this.#kernels;
    this.#pixels.set(pixels);
    const narrow = out instanceof Uint16Array;
    const from = this.#pixels.byteOffset;
    kernels.stripPlanes(from, this.#width, this.#height, octant, this.#work, this.#out, narrow);
    out.set(
      narrow
        ? new Uint16Array(kernels.memory.buffer, this.#out, this.length)
        : new Float32Array(kernels.memory.buffer, this.#out, this.length),
    );
  }
}

/** @throws Error with what the compiler says */
function compiled(): Uint8Array {
  const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  const folder = mkdtempSync(join(tmpdir(), 'selenoscan-strip-planes-'));
  try {
    const file = join(folder, 'strip-planes.wasm');
    const { status, stderr } = spawnSync(
      process.execPath,
      [compiler, SOURCE, ...OPTIONS, '--outFile', file],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(stderr);
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
