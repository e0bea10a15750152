/** Scores of one image's tiles by one name; masked tiles are not among them. */
export interface ImageSample {
  readonly positives: ArrayLike<number>;
  readonly plain: ArrayLike<number>;
}

/**
 * All that the metrics ask of a ranking: how many tiles reach each score that a positive tile has, image by
 * image. Recall grows only at those scores.
 */
export interface ThresholdTable {
  /** Scores that positives have, each once, highest first. */
  readonly thresholds: Float64Array;
  readonly images: readonly ThresholdCounts[];
}

export interface ThresholdCounts {
  /** Positives with just this score. */
  readonly hits: Float64Array;
  /** Plain tiles with this score or a higher one. */
  readonly alarms: Float64Array;
  readonly positives: number;
  readonly plain: number;
}

/**
 * Tiles of equal score are returned together: a threshold cannot part them. Positives thus stand neither
 * before nor behind the plain tiles they tie with, and a score that is the same everywhere has the base rate
 * as its precision.
 */
export function thresholdTable(images: readonly ImageSample[]): ThresholdTable {
  const found = new Set<number>();
  for (const { positives } of images) for (const score of Array.from(positives)) found.add(score);
  const thresholds = Float64Array.from(found).sort().reverse();
  const indexOf = new Map(Array.from(thresholds, (score, i) => [score, i]));
  return {
    thresholds,
    images: images.map(({ positives, plain }) => {
      const hits = new Float64Array(thresholds.length);
      for (const score of Array.from(positives)) hits[indexOf.get(score)!]! += 1;
      const sorted = Float64Array.from(plain).sort();
      const alarms = thresholds.map((score) => atLeast(sorted, score));
      return { hits, alarms, positives: positives.length, plain: plain.length };
    }),
  };
}

/** How many of ascending values are not below `score`. */
export function atLeast(sorted: Float64Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

/** Counts of several images together; an image named twice counts twice. */
export function pooledCounts(
  { thresholds, images }: ThresholdTable,
  chosen?: readonly number[],
): ThresholdCounts {
  const hits = new Float64Array(thresholds.length);
  const alarms = new Float64Array(thresholds.length);
  let positives = 0;
  let plain = 0;
  for (const i of chosen ?? images.keys()) {
    const image = images[i]!;
    for (let k = 0; k < hits.length; k++) {
      hits[k]! += image.hits[k]!;
      alarms[k]! += image.alarms[k]!;
    }
    positives += image.positives;
    plain += image.plain;
  }
  return { hits, alarms, positives, plain };
}
