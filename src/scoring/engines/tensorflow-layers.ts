import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from '../../model/tensorflow.js';
import type { Weights } from '../../model/weights.js';

/** A convolution with its batch norm folded in: `relu(convolution + bias)`. */
export interface FoldedConvolution {
  /** [h, w, in, out] */
  readonly kernel: tfjs.Tensor4D;
  /** [out] */
  readonly bias: tfjs.Tensor1D;
}

/**
 * What a kernel is for: a convolution, PyTorch's [out, in, h, w]; a transposed one, PyTorch's [in, out, h, w]; or a
 * transposed one of stride 1, made a convolution with the kernel turned by 180 degrees, which is faster.
 */
export type KernelUse = 'convolution' | 'transposed' | 'mirrored';

type Order = (place: number) => number;
const same: Order = (place) => place;

/** Makes constants of a network's weights, and remembers them to be disposed together. */
export class LayerMaker {
  readonly tf: TensorFlow;
  readonly #weights: Weights;
  readonly #kept: tfjs.Tensor[] = [];

  /** @param weights in PyTorch's layouts */
  constructor(tf: TensorFlow, weights: Weights) {
    this.tf = tf;
    this.#weights = weights;
  }

  /** @throws Error where the weights lack one */
  weight(name: string): { readonly shape: readonly number[]; readonly data: Float32Array } {
    const weight = this.#weights.get(name);
    if (weight === undefined) throw new Error(`The weights have no ${name}.`);
    return weight;
  }

  keep<T extends tfjs.Tensor>(make: () => T): T {
    const tensor = this.tf.tidy(make);
    this.#kept.push(tensor);
    return tensor;
  }

  bias(name: string): tfjs.Tensor1D {
    return this.keep(() => this.tf.tensor1d(this.weight(`${name}.bias`).data));
  }

  /** A kernel as it is, without a norm. */
  kernel(name: string, use: KernelUse = 'convolution'): tfjs.Tensor4D {
    return this.#kernel(name, this.weight(`${name}.weight`).data, use);
  }

  /**
   * A convolution and the batch norm behind it, which scale every channel that comes out:
   * `kernel * gamma / sqrt(variance + epsilon)`, `beta - mean * gamma / sqrt(variance + epsilon)`.
   */
  folded(name: string, epsilon: number, use: KernelUse = 'convolution'): FoldedConvolution {
    const { shape, data } = this.weight(`${name}.weight`);
    const part = (of: string): Float32Array => this.weight(`${name}.norm.${of}`).data;
    const variance = part('running_var');
    const scale = Float64Array.from(part('weight'), (gamma, c) => gamma / Math.sqrt(variance[c]! + epsilon));
    const mean = part('running_mean');
    const bias = Float32Array.from(part('bias'), (beta, c) => beta - mean[c]! * scale[c]!);
    const outAt = use === 'convolution' ? 0 : 1;
    const inner = shape.slice(outAt + 1).reduce((product, side) => product * side, 1);
    const outputs = shape[outAt]!;
    const scaled = data.map((value, i) => value * scale[Math.floor(i / inner) % outputs]!);
    return { kernel: this.#kernel(name, scaled, use), bias: this.keep(() => this.tf.tensor1d(bias)) };
  }

  /**
   * A dense layer of weights [out, in] as [in, out]. Either side may be counted in another order: `input` and
   * `output` say which number of the weights' own order stands at each place.
   */
  dense(
    name: string,
    order: { input?: Order; output?: Order },
  ): { weight: tfjs.Tensor2D; bias: tfjs.Tensor1D } {
    const { shape, data } = this.weight(`${name}.weight`);
    const biases = this.weight(`${name}.bias`).data;
    const [outputs, inputs] = shape as [number, number];
    const { input = same, output = same } = order;
    const turned = new Float32Array(data.length);
    for (let o = 0; o < outputs; o++) {
      const row = output(o) * inputs;
      for (let i = 0; i < inputs; i++) turned[i * outputs + o] = data[row + input(i)]!;
    }
    return {
      weight: this.keep(() => this.tf.tensor2d(turned, [inputs, outputs])),
      bias: this.keep(() => this.tf.tensor1d(biases.map((_, o) => biases[output(o)]!))),
    };
  }

  dispose(): void {
    for (const tensor of this.#kept.splice(0)) tensor.dispose();
  }

  /** As TensorFlow has them: [h, w, in, out], of transposed convolutions [h, w, out, in]. */
  #kernel(name: string, values: Float32Array, use: KernelUse): tfjs.Tensor4D {
    const shape = this.weight(`${name}.weight`).shape as number[];
    return this.keep(() => {
      const kernel = this.tf.tensor4d(values, shape as [number, number, number, number]);
      return use === 'mirrored'
        ? kernel.transpose<tfjs.Tensor4D>([2, 3, 0, 1]).reverse<tfjs.Tensor4D>([0, 1])
        : kernel.transpose<tfjs.Tensor4D>([2, 3, 1, 0]);
    });
  }
}
