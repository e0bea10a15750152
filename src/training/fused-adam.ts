import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { randomUUID } from 'node:crypto';
import type { TensorFlow } from '../model/tensorflow.js';
import { TensorFlowOps } from '../model/tensorflow-ops.js';
import type { Weight, Weights } from '../model/weights.js';

/** What Adam knows after some steps: moments by the names of their weights, in the layouts of PyTorch. */
export interface AdamState {
  readonly steps: number;
  /** Running means of the gradients. */
  readonly first: Weights;
  /** Running means of their squares. */
  readonly second: Weights;
}

/** The network whose weights are trained. */
export interface AdamWeights {
  readonly trainable: ReadonlyMap<string, tfjs.Variable>;
  /** A copy, in PyTorch's layout, of what lies as a weight does. */
  inPyTorch(name: string, tensor: tfjs.Tensor): Promise<Weight>;
  inTensorFlow(name: string, weight: Weight): tfjs.Tensor;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/** A weight and its moments as resource variables of TensorFlow. */
type Resources = Record<'weight' | 'first' | 'second', tfjs.Tensor>;

/**
 * Adam by TensorFlow's fused kernel, which goes over weight, moments and gradient once; that of tfjs makes fourteen
 * passes. Its course depends on the weights, the moments and the count of steps alone.
 */
export class FusedAdam {
  readonly #tf: TensorFlow;
  readonly #ops: TensorFlowOps;
  readonly #weights: AdamWeights;
  readonly #epsilon: number;
  readonly #resources = new Map<string, Resources>();
  #steps = 0;

  /** @param epsilon added to the root of the second moment once that is corrected for its start, as in PyTorch */
  constructor(tf: TensorFlow, weights: AdamWeights, epsilon = EPSILON) {
    this.#tf = tf;
    this.#ops = new TensorFlowOps(tf);
    this.#weights = weights;
    this.#epsilon = epsilon;
    for (const [name, variable] of weights.trainable) {
      this.#resources.set(name, {
        weight: this.#variable(variable),
        first: tf.tidy(() => this.#variable(tf.zerosLike(variable))),
        second: tf.tidy(() => this.#variable(tf.zerosLike(variable))),
      });
    }
  }

  /** The variables that it moves. */
  get variables(): tfjs.Variable[] {
    return [...this.#weights.trainable.values()];
  }

  /**
   * One step.
   * @param gradients of all variables, by the names that tfjs gave these, as `variableGrads` returns them
   */
  step(gradients: tfjs.NamedTensorMap, learningRate: number): void {
    const tf = this.#tf;
    const ops = this.#ops;
    const [power1, power2] = [BETA1 ** (this.#steps + 1), BETA2 ** (this.#steps + 1)];
    // The kernel adds its epsilon before it corrects the second moment.
    const epsilon = this.#epsilon * Math.sqrt(1 - power2);
    const attributes = [ops.type('T'), ops.flag('use_locking', false), ops.flag('use_nesterov', false)];
    tf.tidy(() => {
      const rule = [power1, power2, learningRate, BETA1, BETA2, epsilon].map((value) => tf.scalar(value));
      for (const [name, variable] of this.#weights.trainable) {
        const gradient = gradients[variable.name];
        if (gradient === undefined) throw new Error(`The loss has no gradient of ${name}.`);
        const { weight, first, second } = this.#resources.get(name)!;
        ops.effect('ResourceApplyAdam', attributes, [weight, first, second, ...rule, gradient]);
        variable.assign(this.#read(weight));
      }
    });
    this.#steps++;
  }

  async state(): Promise<AdamState> {
    const read = async (part: 'first' | 'second'): Promise<Weights> => {
      const moments: Weights = new Map();
      for (const [name, resources] of this.#resources) {
        const tensor = this.#read(resources[part]);
        moments.set(name, await this.#weights.inPyTorch(name, tensor));
        tensor.dispose();
      }
      return moments;
    };
    return { steps: this.#steps, first: await read('first'), second: await read('second') };
  }

  /** Goes on where another was. @throws Error where the state lacks a weight */
  restore(state: AdamState): void {
    for (const part of ['first', 'second'] as const) {
      for (const [name, resources] of this.#resources) {
        const moment = state[part].get(name);
        if (moment === undefined) throw new Error(`The optimizer's state has no ${name}.`);
        const tensor = this.#weights.inTensorFlow(name, moment);
        this.#assign(resources[part], tensor);
        tensor.dispose();
      }
    }
    this.#steps = state.steps;
  }

  dispose(): void {
    const ignore = this.#ops.flag('ignore_lookup_error', true);
    for (const resources of this.#resources.values()) {
      for (const handle of Object.values(resources)) {
        this.#ops.effect('DestroyResourceOp', [ignore], [handle]);
        handle.dispose();
      }
    }
    this.#resources.clear();
  }

  #variable(value: tfjs.Tensor): tfjs.Tensor {
    const ops = this.#ops;
    const handle = ops.one(
      'VarHandleOp',
      [
        ops.type('dtype'),
        ops.shape('shape', value.shape),
        ops.text('container', ''),
        ops.text('shared_name', randomUUID()),
      ],
      [],
    );
    this.#assign(handle, value);
    return this.#tf.keep(handle);
  }

  #assign(handle: tfjs.Tensor, value: tfjs.Tensor): void {
    this.#ops.effect('AssignVariableOp', [this.#ops.type('dtype')], [handle, value]);
  }

  #read(handle: tfjs.Tensor): tfjs.Tensor {
    return this.#ops.one('ReadVariableOp', [this.#ops.type('dtype')], [handle]);
  }
}
