import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from '../../model/tensorflow.js';
import type { Architecture } from '../../model/architecture.js';
import { type ConvolutionLayer, NORM_EPSILON, vaeLayers } from '../../model/vae-layers.js';
import type { Weights } from '../../model/weights.js';
import { LayerMaker } from './tensorflow-layers.js';

/** One pixel on every side, as PyTorch's `padding=1`. */
const PADDED: tfjs.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

type Step = (x: tfjs.Tensor4D) => tfjs.Tensor4D;

/**
 * A VAE's scoring path on TensorFlow, for tiles as they come: batch norms folded into the convolutions before them,
 * dense weights reordered so that nothing is transposed between the layers.
 */
export class ScoringVae {
  readonly #tf: TensorFlow;
  readonly #maker: LayerMaker;
  readonly #encoder: readonly Step[];
  readonly #decoder: readonly Step[];
  readonly #toMu: (code: tfjs.Tensor2D) => tfjs.Tensor2D;
  readonly #toCode: (mu: tfjs.Tensor2D) => tfjs.Tensor2D;
  readonly #code: { readonly side: number; readonly channels: number };

  constructor(tf: TensorFlow, architecture: Architecture, weights: Weights) {
    this.#tf = tf;
    const maker = new LayerMaker(tf, weights);
    this.#maker = maker;
    const layers = vaeLayers(architecture);
    this.#encoder = layers.encoder.map((layer) => this.#step(layer));
    this.#decoder = layers.decoder.map((layer) => this.#step(layer));
    const { inputs: channels, size: side } = layers.decoder[0]!;
    this.#code = { side, channels };
    // The weights count the code channel by channel; here it lies pixel by pixel.
    const area = side * side;
    const fromPixels = (i: number): number => (i % channels) * area + Math.floor(i / channels);
    const mu = maker.dense(layers.mu.name, { input: fromPixels });
    this.#toMu = (a) => tf.fused.matMul({ a, b: mu.weight, bias: mu.bias }) as tfjs.Tensor2D;
    const first = maker.dense(layers.decoderDense.name, { output: fromPixels });
    this.#toCode = (a) =>
      tf.fused.matMul({ a, b: first.weight, bias: first.bias, activation: 'relu' }) as tfjs.Tensor2D;
  }

  /** Tiles [n, 64, 64, C] in 0..1 to their codes [n, latent] and what the network makes of these, in 0..1. */
  reconstruct(tiles: tfjs.Tensor4D): { mu: tfjs.Tensor2D; reconstruction: tfjs.Tensor4D } {
    const { side, channels } = this.#code;
    const encoded = this.#encoder.reduce((x, step) => step(x), tiles);
    const mu = this.#toMu(encoded.reshape([-1, side * side * channels]));
    const code = this.#toCode(mu).reshape<tfjs.Tensor4D>([-1, side, side, channels]);
    return { mu, reconstruction: this.#decoder.reduce((x, step) => step(x), code) };
  }

  dispose(): void {
    this.#maker.dispose();
  }

  #step(layer: ConvolutionLayer): Step {
    const { name, kind, stride, ending } = layer;
    const tf = this.#tf;
    const use = kind === 'convolution' ? kind : stride === 1 ? 'mirrored' : 'transposed';
    const { kernel, bias } =
      ending === 'norm-relu'
        ? this.#maker.folded(name, NORM_EPSILON, use)
        : { kernel: this.#maker.kernel(name, use), bias: this.#maker.bias(name) };
    const finish: Step = (x) => {
      const y = x.add<tfjs.Tensor4D>(bias);
      return ending === 'norm-relu' ? y.relu() : y.sigmoid();
    };
    if (use !== 'transposed') {
      const padding = stride === 1 ? 'same' : PADDED;
      return (x) => finish(tf.conv2d(x, kernel, stride, padding));
    }
    const side = layer.size * stride;
    const whole = side + 1;
    return (x) => {
      const n = x.shape[0];
      const spread = tf.conv2dTranspose(x, kernel, [n, whole, whole, layer.outputs], stride, 'valid');
      return finish(spread.slice([0, 1, 1, 0], [n, side, side, layer.outputs]));
    };
  }
}
