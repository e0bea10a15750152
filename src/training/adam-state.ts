import type { AdamOptimizer, Tensor, Variable } from '@tensorflow/tfjs-node-gpu';
import type { TensorFlow } from '../model/tensorflow.js';
import type { Weights } from '../model/weights.js';

/** What Adam knows after some steps. Each moment is named by its weight and laid out as tfjs lays that out. */
export interface AdamState {
  readonly steps: number;
  /** Running means of the gradients. */
  readonly first: Weights;
  /** Running means of their squares. */
  readonly second: Weights;
}

/** @param names of the weights, in the order in which they are trained. */
export async function readAdam(optimizer: AdamOptimizer, names: readonly string[]): Promise<AdamState> {
  const [iterations, ...moments] = await optimizer.getWeights();
  iterations?.tensor.dispose();
  const read = async (from: number): Promise<Weights> => {
    const weights: Weights = new Map();
    for (const [i, { tensor }] of moments.slice(from, from + moments.length / 2).entries()) {
      const data = new Float32Array(await tensor.data<'float32'>());
      weights.set(names[i] ?? '', { shape: tensor.shape, data });
    }
    return weights;
  };
  return { steps: optimizer.iterations, first: await read(0), second: await read(moments.length / 2) };
}

/** Makes an optimizer go on where another was. */
export async function restoreAdam(
  tf: TensorFlow,
  optimizer: AdamOptimizer,
  state: AdamState,
  names: readonly string[],
): Promise<void> {
  if (state.steps === 0) return;
  const tensors: { name: string; tensor: Tensor }[] = [
    { name: 'iter', tensor: tf.scalar(state.steps, 'int32') },
  ];
  for (const [part, weights] of [
    ['m', state.first],
    ['v', state.second],
  ] as const) {
    for (const name of names) {
      const weight = weights.get(name);
      if (weight === undefined) throw new Error(`The optimizer's state has no ${name}.`);
      tensors.push({ name: `${name}/${part}`, tensor: tf.tensor(weight.data, [...weight.shape]) });
    }
  }
  await optimizer.setWeights(tensors);
  for (const { tensor } of tensors) tensor.dispose();
  // setWeights takes powers of the betas; an undisturbed training multiplied in single precision step by step.
  const inner = optimizer as unknown as Record<'beta1' | 'beta2', number> &
    Record<'accBeta1' | 'accBeta2', Variable>;
  for (const [beta, product] of [
    ['beta1', 'accBeta1'],
    ['beta2', 'accBeta2'],
  ] as const) {
    tf.tidy(() => inner[product].assign(tf.scalar(repeatedProduct(inner[beta], state.steps + 1))));
  }
}

/** value^count in single precision, rounded after each factor. */
function repeatedProduct(value: number, count: number): number {
  const factor = Math.fround(value);
  let product = factor;
  for (let i = 1; i < count && product > 0; i++) product = Math.fround(product * factor);
  return product;
}
