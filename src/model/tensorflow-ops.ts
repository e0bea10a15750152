import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from './tensorflow.js';

/** An attribute of an operation as the binding of tfjs-node takes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The raw door of tfjs-node to TensorFlow's own operations. */
interface NodeBackend {
  readonly binding: Record<
    'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_ATTR_SHAPE' | 'TF_FLOAT',
    number
  > & { executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): unknown };
  getInputTensorIds(tensors: readonly tfjs.Tensor[]): number[];
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tfjs.Tensor[]): tfjs.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tfjs.Tensor[],
    outputs: number,
  ): tfjs.Tensor[];
}

/** TensorFlow's operations by name, those that tfjs has no function for among them. */
export class TensorFlowOps {
  readonly #backend: NodeBackend;

  /** @param tf with the backend of tfjs-node */
  constructor(tf: TensorFlow) {
    this.#backend = tf.backend() as unknown as NodeBackend;
  }

  type(name: string): OpAttribute {
    const { TF_ATTR_TYPE, TF_FLOAT } = this.#backend.binding;
    return { name, type: TF_ATTR_TYPE, value: TF_FLOAT };
  }

  float(name: string, value: number): OpAttribute {
    return { name, type: this.#backend.binding.TF_ATTR_FLOAT, value };
  }

  text(name: string, value: string): OpAttribute {
    return { name, type: this.#backend.binding.TF_ATTR_STRING, value };
  }

  flag(name: string, value: boolean): OpAttribute {
    return { name, type: this.#backend.binding.TF_ATTR_BOOL, value };
  }

  shape(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.#backend.binding.TF_ATTR_SHAPE, value: [...value] };
  }

  /** An operation with one output. */
  one(name: string, attributes: OpAttribute[], inputs: tfjs.Tensor[]): tfjs.Tensor {
    return this.#backend.executeSingleOutput(name, attributes, inputs);
  }

  /** An operation with several outputs. */
  many(name: string, attributes: OpAttribute[], inputs: tfjs.Tensor[], outputs: number): tfjs.Tensor[] {
    return this.#backend.executeMultipleOutputs(name, attributes, inputs, outputs);
  }

  /** An operation that is run for what it changes. */
  effect(name: string, attributes: OpAttribute[], inputs: readonly tfjs.Tensor[]): void {
    const { binding } = this.#backend;
    binding.executeOp(name, attributes, this.#backend.getInputTensorIds(inputs), 0);
  }
}
