import type { Optimizer } from '@tensorflow/tfjs-node-gpu';

/** Steps over which the learning rate rises. */
const WARM_UP_STEPS = 100;

/**
 * Rises over the first steps, then falls along a cosine to zero at the end of the last epoch.
 * @param tilesDone over all epochs.
 */
export function learningRateAt(
  options: { learningRate: number; batch: number; epochs: number },
  tilesDone: number,
  tilesPerEpoch: number,
): number {
  const warmth = Math.min(1, (tilesDone / options.batch + 1) / WARM_UP_STEPS);
  const progress = tilesDone / (options.epochs * tilesPerEpoch);
  return (options.learningRate * warmth * (1 + Math.cos(Math.PI * progress))) / 2;
}

/** tfjs reads the rate anew in every step but has no setter for it. */
export function setLearningRate(optimizer: Optimizer, rate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = rate;
}
