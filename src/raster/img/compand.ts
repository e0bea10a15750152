/**
 * How a NAC squeezes 12 bits into 8: segment s holds the samples from `x[s]` on and gives the code
 * floor(m[s] * sample + b[s]). The label's LRO:XTERM, LRO:MTERM and LRO:BTERM.
 */
export interface CompandTerms {
  readonly x: readonly number[];
  readonly m: readonly number[];
  readonly b: readonly number[];
}

/** Largest 12-bit sample. */
const LARGEST = 4095;

/** Whether terms are of a kind that can be turned round: ascending segments with falling-off slopes above 0. */
export function areCompandTerms({ x, m, b }: CompandTerms): boolean {
  return (
    x.length > 0 &&
    x.length === m.length &&
    x.length === b.length &&
    [...x, ...m, ...b].every(Number.isFinite) &&
    x.every((start, s) => s === 0 || start > x[s - 1]!) &&
    m.every((slope) => slope > 0)
  );
}

/**
 * The sample for each of the 256 codes: the middle of those that give the code. A code below the first
 * segment stands for itself.
 *
 * Agrees with `Import` of ISIS's lronac2isis, which the archive's CDRs were made with.
 */
export function decompandTable({ x, m, b }: CompandTerms): Float32Array {
  const sampleAt = (code: number, s: number): number => (code - b[s]!) / m[s]!;
  return Float32Array.from({ length: 256 }, (_, code) => {
    if (code < x[0]!) return code;
    let s = 0;
    while (s + 1 < x.length && sampleAt(code, s) >= x[s + 1]!) s++;
    const lower = Math.max(sampleAt(code, s), x[s]!);
    let upper = Math.min(sampleAt(code + 1, s) - 1, LARGEST);
    const next = s + 1;
    // The bin reaches into the next segment only as far as samples there give the same code.
    if (next < x.length && upper >= x[next]! && Math.trunc(b[next]! + m[next]! * upper) !== code) {
      upper = x[next]! - 1;
    }
    return (upper + lower) / 2;
  });
}
