import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { NetWeights } from './net-weights.js';
import { reluOf } from './norm-relu.js';
import type { TensorFlow } from './tensorflow.js';
import {
  CODE_CHANNELS,
  CODE_LENGTH,
  CODE_SIZE,
  type ConvolutionLayer,
  type DenseLayer,
  type VaeLayers,
} from './vae-layers.js';

export interface Encoding {
  /** [n, latent] */
  readonly mu: tfjs.Tensor2D;
  /** [n, latent] */
  readonly logvar: tfjs.Tensor2D;
}

/** The layers on tfjs, for tiles that are turned by half a turn, as the layout of their weights wants it. */
export class TurnedVae {
  readonly #tf: TensorFlow;
  readonly #layers: VaeLayers;
  readonly #weights: NetWeights;

  constructor(tf: TensorFlow, layers: VaeLayers, weights: NetWeights) {
    this.#tf = tf;
    this.#layers = layers;
    this.#weights = weights;
  }

  /**
   * Tiles, or windows around them, to the latent distribution.
   * @param training whether batch norm uses the batch's own statistics
   */
  encode(pixels: tfjs.Tensor4D, training: boolean): Encoding {
    const { encoder, mu, logvar } = this.#layers;
    let x = pixels;
    for (const layer of encoder) x = this.#normRelu(layer, this.#convolve(layer, x), training);
    const code = middleOf(x, CODE_SIZE).reshape<tfjs.Tensor2D>([-1, CODE_LENGTH]);
    return { mu: this.#dense(mu, code), logvar: this.#dense(logvar, code) };
  }

  /** [n, latent] to pixels [n, 64, 64, C] in 0..1. */
  decode(z: tfjs.Tensor2D, training: boolean): tfjs.Tensor4D {
    const code = reluOf(this.#tf, this.#dense(this.#layers.decoderDense, z));
    let x = code.reshape<tfjs.Tensor4D>([-1, CODE_SIZE, CODE_SIZE, CODE_CHANNELS]);
    for (const layer of this.#layers.decoder) {
      const y = this.#convolveTransposed(layer, x);
      x = layer.ending === 'norm-relu' ? this.#normRelu(layer, y, training) : this.#biasSigmoid(layer, y);
    }
    return x;
  }

  #dense(layer: DenseLayer, x: tfjs.Tensor2D): tfjs.Tensor2D {
    const product = this.#tf.matMul<tfjs.Tensor2D>(x, this.#weights.get(`${layer.name}.weight`), false, true);
    return product.add<tfjs.Tensor2D>(this.#weights.get(`${layer.name}.bias`));
  }

  #convolve(layer: ConvolutionLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    return this.#tf.conv2d(x, this.#weights.kernel(layer.name), layer.stride, 'same');
  }

  #convolveTransposed(layer: ConvolutionLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    const side = layer.size * layer.stride;
    const shape: [number, number, number, number] = [x.shape[0], side, side, layer.outputs];
    return this.#tf.conv2dTranspose(x, this.#weights.kernel(layer.name), shape, layer.stride, 'same');
  }

  #normRelu(layer: ConvolutionLayer, x: tfjs.Tensor4D, training: boolean): tfjs.Tensor4D {
    return this.#weights.normRelu(layer.name, x, training);
  }

  #biasSigmoid(layer: ConvolutionLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    return x.add<tfjs.Tensor4D>(this.#weights.get(`${layer.name}.bias`)).sigmoid();
  }
}

/** The square of `side` in the middle of larger ones; half a turn keeps it there. */
export function middleOf(x: tfjs.Tensor4D, side: number): tfjs.Tensor4D {
  const [count, height, , channels] = x.shape;
  if (height === side) return x;
  const margin = (height - side) / 2;
  return x.slice([0, margin, margin, 0], [count, side, side, channels]);
}
