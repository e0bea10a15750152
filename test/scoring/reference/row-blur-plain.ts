/** Pairs of neighbours added in one pass: the sums are loaded and stored a third as often. */
const PAIRS = 3;

/**
 * Separable blur of an image that passes row by row: rows go in at the top, blurred rows come out at most
 * `radius` rows later. Keeps `2 * radius + 1` rows. Edges repeat the border pixel, on all four sides.
 */
export class RowBlur {
  readonly #kernel: Float64Array;
  readonly #radius: number;
  readonly #width: number;
  readonly #rows: number;
  readonly #ring: Float32Array[];
  readonly #padded: Float32Array;

  /** @param kernel half kernel as `gaussianKernel` gives it. */
  constructor(kernel: Float64Array, width: number, rows: number) {
    this.#kernel = kernel;
    this.#radius = kernel.length - 1;
    this.#width = width;
    this.#rows = rows;
    this.#ring = Array.from({ length: Math.min(rows, 2 * this.#radius + 1) }, () => new Float32Array(width));
    this.#padded = new Float32Array(width + 2 * this.#radius);
  }

  /** Rows of input that row `y` of the output waits for. */
  needs(y: number): number {
    return Math.min(this.#rows, y + this.#radius + 1);
  }

  /** Takes row `y`; rows come in order. */
  feed(y: number, row: Float32Array): void {
    const radius = this.#radius;
    const width = this.#width;
    const padded = this.#padded;
    const kernel = this.#kernel;
    padded.fill(row[0]!, 0, radius);
    padded.set(row, radius);
    padded.fill(row[width - 1]!, radius + width);
    const out = this.#ring[y % this.#ring.length]!;
    const w0 = kernel[0]!;
    for (let k = 1; k <= radius; k += PAIRS) {
      const w1 = kernel[k]!;
      const w2 = kernel[k + 1] ?? 0;
      const w3 = kernel[k + 2] ?? 0;
      const k2 = w2 === 0 ? k : k + 1;
      const k3 = w3 === 0 ? k : k + 2;
      for (let x = 0, c = radius; x < width; x++, c++) {
        const sum = k === 1 ? w0 * padded[c]! : out[x]!;
        out[x] =
          sum +
          w1 * (padded[c - k]! + padded[c + k]!) +
          w2 * (padded[c - k2]! + padded[c + k2]!) +
          w3 * (padded[c - k3]! + padded[c + k3]!);
      }
    }
  }

  /** Writes row `y` of the blurred image. */
  emit(y: number, out: Float32Array): void {
    const kernel = this.#kernel;
    const width = this.#width;
    const row = (at: number): Float32Array =>
      this.#ring[Math.min(Math.max(at, 0), this.#rows - 1) % this.#ring.length]!;
    const centre = row(y);
    const w0 = kernel[0]!;
    for (let k = 1; k <= this.#radius; k += PAIRS) {
      const w1 = kernel[k]!;
      const w2 = kernel[k + 1] ?? 0;
      const w3 = kernel[k + 2] ?? 0;
      const k2 = w2 === 0 ? k : k + 1;
      const k3 = w3 === 0 ? k : k + 2;
      const a1 = row(y - k);
      const b1 = row(y + k);
      const a2 = row(y - k2);
      const b2 = row(y + k2);
      const a3 = row(y - k3);
      const b3 = row(y + k3);
      for (let x = 0; x < width; x++) {
        const sum = k === 1 ? w0 * centre[x]! : out[x]!;
        out[x] = sum + w1 * (a1[x]! + b1[x]!) + w2 * (a2[x]! + b2[x]!) + w3 * (a3[x]! + b3[x]!);
      }
    }
  }
}
