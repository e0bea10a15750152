import type { Histogram } from '../domain/scan-profile.js';

/** An earlier calibration counts like so many images at every place: on held-out crops more made scores too low. */
const PRIOR_IMAGES = 0.5;

/** A figure of images that count like `near`, moderated by what an earlier calibration says. */
export function withPrior(figure: number, near: number, before: number): number {
  return (near * figure + PRIOR_IMAGES * before) / (near + PRIOR_IMAGES);
}

/** Histograms, each made to sum to 1, added up by shares. */
export function mixed(histograms: readonly Histogram[], shares: Float64Array, bins: number): Float64Array {
  const sum = new Float64Array(bins);
  histograms.forEach(({ first, counts }, i) => {
    const total = counts.reduce((a, b) => a + b, 0);
    counts.forEach((count, k) => (sum[first + k]! += (shares[i]! * count) / total));
  });
  return sum;
}

/** Where a share of a distribution lies below, in bins. */
export function quantileBin(counts: ArrayLike<number>, share: number): number {
  const wanted = share * Array.from(counts).reduce((a, b) => a + b, 0);
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin]!;
    if (count > 0 && below + count >= wanted) return bin + (wanted - below) / count;
    below += count;
  }
  return counts.length;
}

/** What six digits tell is enough, and the file stays small. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
