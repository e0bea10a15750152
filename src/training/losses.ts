import type { Scalar } from '@tensorflow/tfjs-node-gpu';

/** Means per tile: `loss` = squared error + beta * divergence. */
export interface Losses {
  readonly loss: number;
  readonly squaredError: number;
  /** Kullback-Leibler divergence of the code from the standard normal, nats. */
  readonly divergence: number;
}

/** Running means over tiles. */
export class LossSum {
  readonly #beta: number;
  #tiles = 0;
  #squaredError = 0;
  #divergence = 0;

  constructor(beta: number) {
    this.#beta = beta;
  }

  add(losses: { squaredError: number; divergence: number }, tiles: number): void {
    this.#tiles += tiles;
    this.#squaredError += losses.squaredError * tiles;
    this.#divergence += losses.divergence * tiles;
  }

  mean(): Losses {
    const squaredError = this.#squaredError / this.#tiles;
    const divergence = this.#divergence / this.#tiles;
    return { loss: squaredError + this.#beta * divergence, squaredError, divergence };
  }
}

/** Reads both losses of a batch and disposes them. */
export function readLosses(parts: { squaredError: Scalar; divergence: Scalar } | undefined): {
  squaredError: number;
  divergence: number;
} {
  if (parts === undefined) throw new Error('The optimizer did not run the loss.');
  const [squaredError = NaN] = parts.squaredError.dataSync<'float32'>();
  const [divergence = NaN] = parts.divergence.dataSync<'float32'>();
  parts.squaredError.dispose();
  parts.divergence.dispose();
  return { squaredError, divergence };
}
