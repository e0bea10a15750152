/** Counts of 8-bit values, with quantiles between them: a value dn is spread evenly over [dn - 0.5, dn + 0.5]. */
export class Histogram {
  /** Two counters filled in turn: equal neighbours would wait for each other's count. */
  readonly #even = new Int32Array(256);
  readonly #odd = new Int32Array(256);
  /** Values below each dn; filled by `close`. */
  readonly #below = new Float64Array(257);

  clear(): void {
    this.#even.fill(0);
    this.#odd.fill(0);
  }

  add(value: number): void {
    this.#even[value]!++;
  }

  addRun(values: Uint8Array, from: number, to: number): void {
    const even = this.#even;
    const odd = this.#odd;
    let i = from;
    for (; i + 1 < to; i += 2) {
      even[values[i]!]!++;
      odd[values[i + 1]!]!++;
    }
    if (i < to) even[values[i]!]!++;
  }

  /** Sums up what was added; the questions below hold for that. @returns how many values there are. */
  close(): number {
    const below = this.#below;
    for (let dn = 0; dn < 256; dn++) below[dn + 1] = below[dn]! + this.#even[dn]! + this.#odd[dn]!;
    return below[256]!;
  }

  /** Counts what was added, dn by dn. @param into 256 counters from `at` on */
  write(into: Uint16Array, at: number): void {
    for (let dn = 0; dn < 256; dn++) into[at + dn] = this.#even[dn]! + this.#odd[dn]!;
  }

  /** Takes the sums of four others' counters, as `write` leaves them, in place of what was added; see `close`. */
  closeSum(counts: Uint16Array, a: number, b: number, c: number, d: number): number {
    const below = this.#below;
    let sum = 0;
    for (let dn = 0; dn < 256; dn++) {
      sum += counts[a + dn]! + counts[b + dn]! + counts[c + dn]! + counts[d + dn]!;
      below[dn + 1] = sum;
    }
    return sum;
  }

  /** Values from `from` to `to`, both included. */
  count(from: number, to: number): number {
    return this.#below[Math.min(to, 255) + 1]! - this.#below[Math.max(from, 0)]!;
  }

  median(): number {
    const below = this.#below;
    let low = -0.5;
    let high = 255.5;
    for (let i = 0; i < STEPS; i++) {
      const middle = (low + high) / 2;
      if (shareBelow(below, middle) - 0.5 < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  /** Median distance from `centre`. */
  medianDistance(centre: number): number {
    const below = this.#below;
    let low = 0;
    let high = 256;
    for (let i = 0; i < STEPS; i++) {
      const middle = (low + high) / 2;
      if (shareBelow(below, centre + middle) - shareBelow(below, centre - middle) - 0.5 < 0) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
}

/** Halvings of 256 dn that lead to 1e-6 of a dn. */
const STEPS = 28;

/** Share of the values below `x`. */
function shareBelow(below: Float64Array, x: number): number {
  const at = Math.min(Math.max(x + 0.5, 0), 256);
  const dn = Math.min(Math.floor(at), 255);
  const lower = below[dn]!;
  return (lower + (below[dn + 1]! - lower) * (at - dn)) / below[256]!;
}
