/** Excesses over a threshold: P(X > u + y | X > u) = (1 + shape y / scale)^(-1 / shape). */
export interface ParetoTail {
  /** 0 = exponential; above 0 heavier. Never below 0: a bounded tail would call farther values impossible. */
  readonly shape: number;
  readonly scale: number;
}

/** Heaviest tail that a few outliers among plain tiles may suggest. */
const HEAVIEST = 0.5;

/**
 * Fits a tail by probability-weighted moments, which stay put for small samples where likelihoods wander.
 *
 * @param excesses ascending, 0 or more.
 * @param weights of the excesses, by default all 1.
 * @see Hosking & Wallis (1987), Technometrics 29, 339-349
 */
export function fitTail(excesses: Float64Array, weights?: Float64Array): ParetoTail {
  const n = weights ? weights.reduce((sum, weight) => sum + weight, 0) : excesses.length;
  let a0 = 0;
  let a1 = 0;
  let below = 0;
  excesses.forEach((excess, i) => {
    const weight = weights?.[i] ?? 1;
    // Plotting position of Hosking and Wallis, (rank - 0.35) / n, for the middle of equal excesses.
    const position = (below + (weight + 1) / 2 - 0.35) / n;
    a0 += (weight * excess) / n;
    a1 += (weight * excess * (1 - Math.min(position, 1))) / n;
    below += weight;
  });
  if (!(a0 > 0)) return { shape: 0, scale: 1e-3 };
  const shape = 2 - a0 / (a0 - 2 * a1);
  if (Number.isFinite(shape) && shape > 0 && shape < HEAVIEST) {
    return { shape, scale: (2 * a0 * a1) / (a0 - 2 * a1) };
  }
  // With the shape held, the mean alone gives the scale.
  const held = Number.isFinite(shape) && shape > 0 ? HEAVIEST : 0;
  return { shape: held, scale: a0 * (1 - held) };
}

/** Natural logarithm of the probability that an excess is larger than `excess`. */
export function logSurvival(tail: ParetoTail, excess: number): number {
  const y = Math.min(excess / tail.scale, Number.MAX_VALUE);
  return tail.shape < 1e-6 ? -y : -Math.log1p(Math.min(tail.shape * y, Number.MAX_VALUE)) / tail.shape;
}
