import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { type Architecture, TILE_SIZE } from './architecture.js';
import { NetWeights } from './net-weights.js';
import type { TensorFlow } from './tensorflow.js';
import { type Encoding, middleOf, TurnedVae } from './turned-vae.js';
import { NORM_EPSILON, type VaeLayers, vaeLayers } from './vae-layers.js';
import { turnedLayout } from './weight-layout.js';
import { CODE_AXES, weightShapes } from './weight-shapes.js';
import type { Weight, Weights } from './weights.js';

/** Share of a batch's statistics in the running ones. */
const NORM_MOMENTUM = 0.1;
/** Axes of a batch of tiles that half a turn reverses. */
const TURNED_AXES = [1, 2];

/** Means over a batch, per tile: errors summed over pixels, the divergence from the standard normal in nats over the code. */
export interface BatchLosses {
  readonly squaredError: tfjs.Scalar;
  readonly absoluteError: tfjs.Scalar;
  readonly divergence: tfjs.Scalar;
}

/**
 * The network on tfjs: pixels as [n, 64, 64, C] in 0..1. What is encoded may also be windows [n, 64 + 2 m, 64 + 2 m, C]
 * with a tile in their middle, m a multiple of 4: the encoder then sees the tile's neighbours instead of zeros, and
 * all else is of the tile.
 */
export class Vae {
  readonly layers: VaeLayers;
  /** In training, batch norm uses the batch's own statistics and moves the running ones. */
  training = false;
  readonly #tf: TensorFlow;
  readonly #weights: NetWeights;
  readonly #net: TurnedVae;
  readonly #latent: number;

  constructor(tf: TensorFlow, architecture: Architecture, weights: Weights) {
    this.#tf = tf;
    this.#latent = architecture.latent;
    this.layers = vaeLayers(architecture);
    const norm = { epsilon: NORM_EPSILON, momentum: NORM_MOMENTUM };
    this.#weights = new NetWeights(tf, weightShapes(architecture), weights, norm, turnedLayout(CODE_AXES));
    this.#net = new TurnedVae(tf, this.layers, this.#weights);
  }

  /** The variables that gradients change, by name. */
  get trainable(): ReadonlyMap<string, tfjs.Variable> {
    return this.#weights.trainable;
  }

  /** Tiles, or windows around them, to the latent distribution. */
  encode(pixels: tfjs.Tensor4D): Encoding {
    return this.#net.encode(pixels.reverse(TURNED_AXES), this.training);
  }

  /** [n, latent] to pixels [n, 64, 64, C] in 0..1. */
  decode(z: tfjs.Tensor2D): tfjs.Tensor4D {
    return this.#net.decode(z, this.training).reverse(TURNED_AXES);
  }

  /** The scoring path: z is the mean of the code, so that a tile always gives the same picture. */
  reconstruct(pixels: tfjs.Tensor4D): { mu: tfjs.Tensor2D; reconstruction: tfjs.Tensor4D } {
    const { mu } = this.encode(pixels);
    return { mu, reconstruction: this.decode(mu) };
  }

  /**
   * One training pass with the reparametrisation trick.
   * @param noise standard normal, [n, latent]; zeros give the mean path.
   */
  losses(pixels: tfjs.Tensor4D, noise: Float32Array): BatchLosses {
    const tf = this.#tf;
    const turned = pixels.reverse<tfjs.Tensor4D>(TURNED_AXES);
    const { mu, logvar } = this.#net.encode(turned, this.training);
    const z = mu.add(
      logvar
        .div(2)
        .exp()
        .mul(tf.tensor2d(noise, [noise.length / this.#latent, this.#latent])),
    );
    const error = this.#net.decode(z as tfjs.Tensor2D, this.training).sub(middleOf(turned, TILE_SIZE));
    const surplus = mu.square().add(logvar.exp()).sub(logvar).sub(1);
    return {
      squaredError: error.square().sum([1, 2, 3]).mean<tfjs.Scalar>(),
      absoluteError: error.abs().sum([1, 2, 3]).mean<tfjs.Scalar>(),
      divergence: surplus.sum([1]).mean<tfjs.Scalar>().div<tfjs.Scalar>(2),
    };
  }

  /** Moves the running statistics towards those of the training passes since the last call. */
  absorbStatistics(): void {
    this.#weights.absorbStatistics();
  }

  /** A copy of all weights in PyTorch's layouts. */
  weights(): Promise<Weights> {
    return this.#weights.copy();
  }

  /** A copy, in PyTorch's layout, of what lies as a trained weight does, such as its gradient. */
  inPyTorch(name: string, tensor: tfjs.Tensor): Promise<Weight> {
    return this.#weights.inPyTorch(name, tensor);
  }

  /** The way back. The caller disposes the tensor. */
  inTensorFlow(name: string, weight: Weight): tfjs.Tensor {
    return this.#weights.inTensorFlow(name, weight);
  }

  dispose(): void {
    this.#weights.dispose();
  }
}
