/** How often scores fall into equal bins, all tiles against the positives among them. */
export interface ScoreHistogram {
  /** Bounds of the bins, ascending, one more than there are bins; the last bin holds its upper bound. */
  readonly edges: readonly number[];
  readonly all: readonly number[];
  readonly positives: readonly number[];
}

const BINS = 40;

/** Over the range of all scores; masked tiles are not among them. */
export function scoreHistogram(positives: Float64Array, plain: Float64Array, bins = BINS): ScoreHistogram {
  let low = Infinity;
  let high = -Infinity;
  for (const scores of [positives, plain])
    for (const score of scores) {
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
  if (!(low <= high)) return { edges: [0, 1], all: [0], positives: [0] };
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const width = (high - low) / bins;
  const binned = (scores: Float64Array): number[] => {
    const counts = new Array<number>(bins).fill(0);
    for (const score of scores) counts[Math.min(Math.floor((score - low) / width), bins - 1)]! += 1;
    return counts;
  };
  const found = binned(positives);
  const others = binned(plain);
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * width)),
    all: others.map((count, i) => count + found[i]!),
    positives: found,
  };
}
