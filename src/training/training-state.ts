import type { Weights } from '../model/weights.js';
import type { AdamState } from './fused-adam.js';
import { type Losses, type LossSums, NO_LOSSES } from './losses.js';

export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  readonly training: Losses;
  /** Over the mean path (z = mu); null without validation images. */
  readonly validation: Losses | null;
  readonly seconds: number;
}

/** How far a training is: with the weights and the optimizer's state, all that its further course depends on. */
export interface TrainingPosition {
  /** Epochs that are over. */
  epochs: Epoch[];
  /** Tiles done in the epoch under way, and their losses. */
  done: number;
  sums: LossSums;
  /** Indexes of the training tiles in the order of the epoch under way, or of the last one between epochs. */
  order: Uint32Array;
  /** State of the stream of random numbers. */
  random: number;
  best: { epoch: number; loss: number };
  /** Time spent so far, on the whole and in the epoch under way. */
  seconds: number;
  epochSeconds: number;
}

/** A training that can go on from here. */
export interface TrainingSnapshot {
  readonly position: TrainingPosition;
  /** Digest of the data set. */
  readonly dataset: string;
  readonly weights: Weights;
  readonly adam: AdamState;
}

/** Before the first step. @param random state once the images are split. */
export function startPosition(tiles: number, random: number): TrainingPosition {
  const order = Uint32Array.from({ length: tiles }, (_, i) => i);
  const best = { epoch: 0, loss: Infinity };
  return { epochs: [], done: 0, sums: NO_LOSSES, order, random, best, seconds: 0, epochSeconds: 0 };
}
