import type { BatchLosses } from '../model/vae.js';

export const RECONSTRUCTION_LOSSES = ['squared', 'absolute'] as const;
/** Which error between a tile and its picture is learnt from, beside the divergence. */
export type ReconstructionLoss = (typeof RECONSTRUCTION_LOSSES)[number];

/** What is minimised: an error summed over the tile, plus beta times the divergence of its code. */
export interface Objective {
  readonly loss: ReconstructionLoss;
  readonly beta: number;
}

/** Means per tile. */
export interface Losses {
  /** Of the objective: the error that it names + beta * divergence. */
  readonly loss: number;
  /** Summed over the tile, whatever the objective: it compares models. */
  readonly squaredError: number;
  /** Kullback-Leibler divergence of the code from the standard normal, nats. */
  readonly divergence: number;
}

/** Sums over tiles, as plain numbers. */
export interface LossSums {
  readonly tiles: number;
  readonly squaredError: number;
  readonly absoluteError: number;
  readonly divergence: number;
}

export const NO_LOSSES: LossSums = { tiles: 0, squaredError: 0, absoluteError: 0, divergence: 0 };

/** Adds the means of a batch to sums. */
export function addLosses(sums: LossSums, batch: Omit<LossSums, 'tiles'>, tiles: number): LossSums {
  return {
    tiles: sums.tiles + tiles,
    squaredError: sums.squaredError + tiles * batch.squaredError,
    absoluteError: sums.absoluteError + tiles * batch.absoluteError,
    divergence: sums.divergence + tiles * batch.divergence,
  };
}

export function meanLosses(sums: LossSums, { loss, beta }: Objective): Losses {
  const divergence = sums.divergence / sums.tiles;
  const error = (loss === 'squared' ? sums.squaredError : sums.absoluteError) / sums.tiles;
  return { loss: error + beta * divergence, squaredError: sums.squaredError / sums.tiles, divergence };
}

/** Reads the losses of a batch and disposes them. */
export function readLosses(batch: BatchLosses | undefined): Omit<LossSums, 'tiles'> {
  if (batch === undefined) throw new Error('The optimizer did not run the loss.');
  const { squaredError, absoluteError, divergence } = batch;
  const read = (tensor: BatchLosses['divergence']): number => {
    const [value = NaN] = tensor.dataSync<'float32'>();
    tensor.dispose();
    return value;
  };
  return {
    squaredError: read(squaredError),
    absoluteError: read(absoluteError),
    divergence: read(divergence),
  };
}
