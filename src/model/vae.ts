import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { NetWeights } from './net-weights.js';
import { reluOf } from './norm-relu.js';
import type { TensorFlow } from './tensorflow.js';
import { type CodeAxis, turnedLayout } from './weight-layout.js';
import type { Weight, Weights } from './weights.js';

/*
 * Two variational autoencoders of Lesnikowski, Bickel and Angerhausen, from top to bottom. `vae` is that of 2020
 * (section 2.2), `vae2024` that of their follow-up (doi 10.1109/JSTARS.2024.3369101), for grey tiles only. A row
 * ends in batch norm and ReLU where it says no other.
 *
 *                       vae                      vae2024
 *   tile            C x 64 x 64              1 x 64 x 64      values 0..1; C = 1 or 3
 *   encoder.0      32 x 32 x 32, stride 2   16 x 64 x 64      3x3 convolution
 *   encoder.1      64 x 32 x 32             32 x 32 x 32, 2   3x3 convolution
 *   encoder.2     128 x 16 x 16, stride 2   64 x 32 x 32      3x3 convolution
 *   encoder.3     128 x 16 x 16            128 x 16 x 16, 2   3x3 convolution
 *   mu, logvar     latent (64)              latent (256)      dense from the 32768 values, channel by channel
 *   z = mu + exp(logvar / 2) * noise in training, z = mu when scoring
 *   decoder.dense 128 x 16 x 16            128 x 16 x 16      dense, ReLU
 *   decoder.0     128 x 16 x 16             64 x 32 x 32, 2   transposed 3x3 convolution
 *   decoder.1      64 x 32 x 32, stride 2   32 x 32 x 32      transposed 3x3 convolution
 *   decoder.2      32 x 32 x 32             16 x 64 x 64, 2   transposed 3x3 convolution
 *   decoder.3       C x 64 x 64, stride 2    1 x 64 x 64      transposed 3x3 convolution, sigmoid
 */

export const FAMILIES = ['vae', 'vae2024'] as const;
export type Family = (typeof FAMILIES)[number];

/** Which VAE, and its sizes. */
export interface Architecture {
  readonly family: Family;
  /** 1 (grey) or 3; `vae2024` has 1. */
  readonly channels: number;
  /** Length of the latent code, a power of two from 2^3 to 2^11. */
  readonly latent: number;
}

export const TILE_SIZE = 64;
/** Added to the variance by every batch norm. */
export const NORM_EPSILON = 1e-5;
/** Share of a batch's statistics in the running ones. */
const NORM_MOMENTUM = 0.1;
const KERNEL = 3;
/** The encoders' convolutions; the decoders mirror them. */
const ENCODERS: Record<Family, readonly { readonly outputs: number; readonly stride: number }[]> = {
  vae: [
    { outputs: 32, stride: 2 },
    { outputs: 64, stride: 1 },
    { outputs: 128, stride: 2 },
    { outputs: 128, stride: 1 },
  ],
  vae2024: [
    { outputs: 16, stride: 1 },
    { outputs: 32, stride: 2 },
    { outputs: 64, stride: 1 },
    { outputs: 128, stride: 2 },
  ],
};
const CODE_SIZE = 16;
const CODE_CHANNELS = 128;
/** Length of the flattened encoder output. */
export const CODE_LENGTH = CODE_CHANNELS * CODE_SIZE * CODE_SIZE;

/** A (transposed) 3x3 convolution on a square of `size` pixels; with batch norm and ReLU, or bias and sigmoid. */
export interface ConvolutionLayer {
  readonly kind: 'convolution' | 'transposed';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
  /** Side of the square that comes in, pixels. */
  readonly size: number;
  readonly ending: 'norm-relu' | 'bias-sigmoid';
}

export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

export interface VaeLayers {
  readonly encoder: readonly ConvolutionLayer[];
  readonly mu: DenseLayer;
  /** Used in training only. */
  readonly logvar: DenseLayer;
  readonly decoderDense: DenseLayer;
  readonly decoder: readonly ConvolutionLayer[];
}

/** The layers from which the network, its weights, its ONNX graph and its cost are all made. */
export function vaeLayers(architecture: Architecture): VaeLayers {
  const { family, channels, latent } = architecture;
  const encoder: ConvolutionLayer[] = [];
  let inputs = channels;
  let size = TILE_SIZE;
  ENCODERS[family].forEach(({ outputs, stride }, index) => {
    const name = `encoder.${index}`;
    encoder.push({ kind: 'convolution', name, inputs, outputs, stride, size, ending: 'norm-relu' });
    inputs = outputs;
    size /= stride;
  });
  const decoder = encoder.toReversed().map((layer, index): ConvolutionLayer => ({
    kind: 'transposed',
    name: `decoder.${index}`,
    inputs: layer.outputs,
    outputs: layer.inputs,
    stride: layer.stride,
    size: layer.size / layer.stride,
    ending: index === encoder.length - 1 ? 'bias-sigmoid' : 'norm-relu',
  }));
  return {
    encoder,
    mu: { kind: 'dense', name: 'mu', inputs: CODE_LENGTH, outputs: latent },
    logvar: { kind: 'dense', name: 'logvar', inputs: CODE_LENGTH, outputs: latent },
    decoderDense: { kind: 'dense', name: 'decoder.dense', inputs: latent, outputs: CODE_LENGTH },
    decoder,
  };
}

/** All layers in order, `logvar` among them. */
export function allLayers(layers: VaeLayers): (ConvolutionLayer | DenseLayer)[] {
  return [...layers.encoder, layers.mu, layers.logvar, layers.decoderDense, ...layers.decoder];
}

/** Multiply-adds of scoring one tile (encoder, mu, decoder), without the structural zeros of transposed convolutions. */
export function multiplyAdds(layers: VaeLayers): number {
  let total = 0;
  for (const layer of allLayers(layers)) {
    if (layer === layers.logvar) continue;
    if (layer.kind === 'dense') {
      total += layer.inputs * layer.outputs;
    } else {
      const side = layer.kind === 'convolution' ? layer.size / layer.stride : layer.size;
      total += KERNEL * KERNEL * layer.inputs * layer.outputs * side * side;
    }
  }
  return total;
}

/**
 * Names and shapes of every weight in the layouts of PyTorch: convolutions [out, in, 3, 3], transposed ones
 * [in, out, 3, 3], dense layers [out, in].
 */
export function weightShapes(architecture: Architecture): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const layer of allLayers(vaeLayers(architecture))) {
    const { name, inputs, outputs } = layer;
    if (layer.kind === 'dense') shapes.set(`${name}.weight`, [outputs, inputs]);
    if (layer.kind === 'convolution') shapes.set(`${name}.weight`, [outputs, inputs, KERNEL, KERNEL]);
    if (layer.kind === 'transposed') shapes.set(`${name}.weight`, [inputs, outputs, KERNEL, KERNEL]);
    if (layer.kind === 'dense' || layer.ending === 'bias-sigmoid') {
      shapes.set(`${name}.bias`, [outputs]);
    } else {
      for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
        shapes.set(`${name}.norm.${part}`, [outputs]);
      }
    }
  }
  return shapes;
}

export interface Encoding {
  /** [n, latent] */
  readonly mu: tfjs.Tensor2D;
  /** [n, latent] */
  readonly logvar: tfjs.Tensor2D;
}

/** Means over a batch, per tile: errors summed over pixels, the divergence from the standard normal in nats over the code. */
export interface BatchLosses {
  readonly squaredError: tfjs.Scalar;
  readonly absoluteError: tfjs.Scalar;
  readonly divergence: tfjs.Scalar;
}

const CODE = { channels: CODE_CHANNELS, side: CODE_SIZE };
/** Of the weights that meet the flattened code, the axis along it. */
const CODE_AXES: ReadonlyMap<string, CodeAxis> = new Map([
  ['mu.weight', { axis: 1, ...CODE }],
  ['logvar.weight', { axis: 1, ...CODE }],
  ['decoder.dense.weight', { axis: 0, ...CODE }],
  ['decoder.dense.bias', { axis: 0, ...CODE }],
]);
/** Axes of a batch of tiles that half a turn reverses. */
const TURNED_AXES = [1, 2];

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
  readonly #latent: number;

  constructor(tf: TensorFlow, architecture: Architecture, weights: Weights) {
    this.#tf = tf;
    this.#latent = architecture.latent;
    this.layers = vaeLayers(architecture);
    const norm = { epsilon: NORM_EPSILON, momentum: NORM_MOMENTUM };
    this.#weights = new NetWeights(tf, weightShapes(architecture), weights, norm, turnedLayout(CODE_AXES));
  }

  /** The variables that gradients change, by name. */
  get trainable(): ReadonlyMap<string, tfjs.Variable> {
    return this.#weights.trainable;
  }

  /** Tiles, or windows around them, to the latent distribution. */
  encode(pixels: tfjs.Tensor4D): Encoding {
    return this.#encodeTurned(pixels.reverse(TURNED_AXES));
  }

  /** [n, latent] to pixels [n, 64, 64, C] in 0..1. */
  decode(z: tfjs.Tensor2D): tfjs.Tensor4D {
    return this.#decodeTurned(z).reverse(TURNED_AXES);
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
    const { mu, logvar } = this.#encodeTurned(turned);
    const z = mu.add(
      logvar
        .div(2)
        .exp()
        .mul(tf.tensor2d(noise, [noise.length / this.#latent, this.#latent])),
    );
    const error = this.#decodeTurned(z as tfjs.Tensor2D).sub(middleOf(turned, TILE_SIZE));
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

  /** Of tiles that are turned by half a turn, as the layout of the weights wants it. */
  #encodeTurned(pixels: tfjs.Tensor4D): Encoding {
    let x = pixels;
    for (const layer of this.layers.encoder) x = this.#normRelu(layer, this.#convolve(layer, x));
    const code = middleOf(x, CODE_SIZE).reshape<tfjs.Tensor2D>([-1, CODE_LENGTH]);
    return { mu: this.#dense(this.layers.mu, code), logvar: this.#dense(this.layers.logvar, code) };
  }

  #decodeTurned(z: tfjs.Tensor2D): tfjs.Tensor4D {
    const code = reluOf(this.#tf, this.#dense(this.layers.decoderDense, z));
    let x = code.reshape<tfjs.Tensor4D>([-1, CODE_SIZE, CODE_SIZE, CODE_CHANNELS]);
    for (const layer of this.layers.decoder) {
      const y = this.#convolveTransposed(layer, x);
      x = layer.ending === 'norm-relu' ? this.#normRelu(layer, y) : this.#biasSigmoid(layer, y);
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

  #normRelu(layer: ConvolutionLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    return this.#weights.normRelu(layer.name, x, this.training);
  }

  #biasSigmoid(layer: ConvolutionLayer, x: tfjs.Tensor4D): tfjs.Tensor4D {
    return x.add<tfjs.Tensor4D>(this.#weights.get(`${layer.name}.bias`)).sigmoid();
  }
}

/** The square of `side` in the middle of larger ones; half a turn keeps it there. */
function middleOf(x: tfjs.Tensor4D, side: number): tfjs.Tensor4D {
  const [count, height, , channels] = x.shape;
  if (height === side) return x;
  const margin = (height - side) / 2;
  return x.slice([0, margin, margin, 0], [count, side, side, channels]);
}
