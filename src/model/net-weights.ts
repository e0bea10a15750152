import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { normReluOfBatch } from './norm-relu.js';
import type { TensorFlow } from './tensorflow.js';
import { PLAIN_LAYOUT, type WeightLayout } from './weight-layout.js';
import type { Weight, Weights } from './weights.js';

/** Whether a weight is a running statistic, which no gradient touches. */
const isStatistic = (name: string): boolean => name.includes('.norm.running_');
/** Batch norm: what is added to the variance, and the share of a batch's statistics in the running ones. */
export interface NormRule {
  readonly epsilon: number;
  readonly momentum: number;
}

/** The weights of a network as variables of tfjs, by name, and its batch norms. */
export class NetWeights {
  readonly #tf: TensorFlow;
  readonly #norm: NormRule;
  readonly #layout: WeightLayout;
  readonly #variables = new Map<string, tfjs.Variable>();
  #statistics: { name: string; mean: tfjs.Tensor; variance: tfjs.Tensor }[] = [];

  /** @param weights in PyTorch's layouts @throws Error where one of the shapes has none */
  constructor(
    tf: TensorFlow,
    shapes: ReadonlyMap<string, number[]>,
    weights: Weights,
    norm: NormRule,
    layout = PLAIN_LAYOUT,
  ) {
    this.#tf = tf;
    this.#norm = norm;
    this.#layout = layout;
    for (const [name, shape] of shapes) {
      const weight = weights.get(name);
      if (weight === undefined) throw new Error(`The weights have no ${name}.`);
      const value = tf.tidy(() => layout.toTensorFlow(name, tf.tensor(weight.data, shape)));
      this.#variables.set(name, tf.variable(value, !isStatistic(name)));
      value.dispose();
    }
  }

  /** The variables that gradients change, by name. */
  get trainable(): ReadonlyMap<string, tfjs.Variable> {
    return new Map([...this.#variables].filter(([, variable]) => variable.trainable));
  }

  /** @throws Error for a name that the network has not */
  get(name: string): tfjs.Variable {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new Error(`The network has no weight ${name}.`);
    return variable;
  }

  /** A convolution's kernel. */
  kernel(name: string): tfjs.Tensor4D {
    return this.get(`${name}.weight`) as unknown as tfjs.Tensor4D;
  }

  /** Batch norm, then ReLU: by the batch's own statistics in training, else by the running ones. */
  normRelu(name: string, x: tfjs.Tensor4D, training: boolean): tfjs.Tensor4D {
    const tf = this.#tf;
    const part = (of: string): tfjs.Tensor1D => this.get(`${name}.norm.${of}`) as unknown as tfjs.Tensor1D;
    const { epsilon } = this.#norm;
    if (!training) {
      return tf
        .batchNorm4d(x, part('running_mean'), part('running_var'), part('bias'), part('weight'), epsilon)
        .relu();
    }
    const { y, mean, variance } = normReluOfBatch(tf, x, part('weight'), part('bias'), epsilon);
    this.#statistics.push({ name, mean, variance });
    return y;
  }

  /** Moves the running statistics towards those of the training passes since the last call. */
  absorbStatistics(): void {
    for (const { name, mean, variance } of this.#statistics) {
      this.#moveTowards(`${name}.norm.running_mean`, mean);
      this.#moveTowards(`${name}.norm.running_var`, variance);
    }
    this.#statistics = [];
  }

  /** A copy of all weights in PyTorch's layouts. */
  async copy(): Promise<Weights> {
    const weights: Weights = new Map();
    for (const [name, variable] of this.#variables) weights.set(name, await this.inPyTorch(name, variable));
    return weights;
  }

  /** A copy, in PyTorch's layout, of what lies as a weight does, such as its gradient. */
  async inPyTorch(name: string, tensor: tfjs.Tensor): Promise<Weight> {
    const turned = this.#tf.tidy(() => this.#layout.toPyTorch(name, tensor));
    const weight = { shape: turned.shape, data: new Float32Array(await turned.data<'float32'>()) };
    turned.dispose();
    return weight;
  }

  /** The way back. The caller disposes the tensor. */
  inTensorFlow(name: string, { data, shape }: Weight): tfjs.Tensor {
    return this.#tf.tidy(() => this.#layout.toTensorFlow(name, this.#tf.tensor(data, [...shape])));
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
  }

  #moveTowards(name: string, value: tfjs.Tensor): void {
    const { momentum } = this.#norm;
    const running = this.get(name);
    const moved = this.#tf.tidy(() => running.mul(1 - momentum).add(value.mul(momentum)));
    running.assign(moved);
    moved.dispose();
    value.dispose();
  }
}
