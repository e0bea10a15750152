import { NET_NORM_EPSILON, type NetLayer } from '../hardware-net.js';
import { type ConvolutionLayer, type DenseLayer, NORM_EPSILON } from '../vae-layers.js';
import type { Weights } from '../weights.js';

/** A convolution whose batch norm is part of its weights. */
export interface FoldedConvolution {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Side of the kernel, pixels. */
  readonly kernel: number;
  readonly stride: number;
  /** Zeros before (top, left) and after (bottom, right). */
  readonly pads: readonly [before: number, after: number];
  /** [outputs, inputs, kernel, kernel] */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
  /**
   * True where the outputs are 2 x 2 pixels of `outputs / 4` channels: in the order row, column, channel they
   * become a square of twice the side.
   */
  readonly depthToSpace: boolean;
}

export interface FoldedDense {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs] */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

const SIDE = 3;
const AREA = SIDE * SIDE;

/**
 * A layer of the VAE as a plain convolution: normalisation folded in; a transposed convolution of stride 1 as one
 * with its kernel turned by 180 degrees; one of stride 2 as a 2 x 2 convolution that gives every pixel's four
 * successors, which have 1, 2, 2 and 4 of the nine taps, the others being zero.
 *
 * @throws Error where the weights lack the layer
 */
export function foldConvolution(weights: Weights, layer: ConvolutionLayer): FoldedConvolution {
  const { name, inputs, outputs, stride, kind, ending } = layer;
  const stored = dataOf(weights, `${name}.weight`);
  const { scale, bias } =
    ending === 'norm-relu'
      ? normOf(weights, name, outputs, NORM_EPSILON)
      : { scale: new Float32Array(outputs).fill(1), bias: dataOf(weights, `${name}.bias`) };
  const at = (o: number, i: number, tap: number): number =>
    scale[o]! * stored[(kind === 'convolution' ? o * inputs + i : i * outputs + o) * AREA + tap]!;
  const common = { name, inputs, bias };
  if (kind === 'transposed' && stride === 2)
    return {
      ...common,
      outputs: 4 * outputs,
      kernel: 2,
      stride: 1,
      pads: [0, 1],
      weight: fourSuccessors(inputs, outputs, at),
      bias: Float32Array.from({ length: 4 * outputs }, (_, i) => bias[i % outputs]!),
      depthToSpace: true,
    };
  const turned = kind === 'transposed';
  return {
    ...common,
    outputs,
    kernel: SIDE,
    stride,
    pads: [1, 1],
    weight: Float32Array.from({ length: outputs * inputs * AREA }, (_, index) => {
      const tap = index % AREA;
      const pair = Math.floor(index / AREA);
      return at(Math.floor(pair / inputs), pair % inputs, turned ? AREA - 1 - tap : tap);
    }),
    depthToSpace: false,
  };
}

/** The last, transposed layer of a decoder as it is stored: weight [inputs, outputs, 3, 3]. */
export function transposedKernel(
  weights: Weights,
  { name }: ConvolutionLayer,
): { readonly weight: Float32Array; readonly bias: Float32Array } {
  return { weight: dataOf(weights, `${name}.weight`), bias: dataOf(weights, `${name}.bias`) };
}

/** A layer of the learned scorer, padded as TensorFlow's `same`: what is odd goes to the far side. */
export function foldNetLayer(weights: Weights, layer: NetLayer): FoldedConvolution {
  const { name, inputs, outputs, kernel, stride } = layer;
  const stored = dataOf(weights, `${name}.weight`);
  const { scale, bias } = normOf(weights, name, outputs, NET_NORM_EPSILON);
  const perOutput = inputs * kernel * kernel;
  const before = Math.floor((kernel - stride) / 2);
  return {
    ...{ name, inputs, outputs, kernel, stride, bias },
    pads: [before, kernel - stride - before],
    weight: stored.map((value, i) => value * scale[Math.floor(i / perOutput)]!),
    depthToSpace: false,
  };
}

/** A 1 x 1 convolution with a bias. */
export function foldHead(
  weights: Weights,
  head: { readonly name: string; readonly inputs: number; readonly outputs: number },
): FoldedDense {
  const { name, inputs, outputs } = head;
  return {
    ...{ name, inputs, outputs },
    weight: dataOf(weights, `${name}.weight`),
    bias: dataOf(weights, `${name}.bias`),
  };
}

/** The layout of a picture that a dense layer reads or writes. */
export interface Picture {
  readonly channels: number;
  readonly pixels: number;
}

/**
 * A dense layer whose flattened picture lies pixel by pixel instead of channel by channel.
 * @param picture of its inputs or of its outputs
 */
export function foldDense(
  weights: Weights,
  layer: DenseLayer,
  flattened: 'inputs' | 'outputs',
  picture: Picture,
): FoldedDense {
  const { name, inputs, outputs } = layer;
  const stored = dataOf(weights, `${name}.weight`);
  const storedBias = dataOf(weights, `${name}.bias`);
  const { channels, pixels } = picture;
  const channelFirst = (i: number): number => (i % channels) * pixels + Math.floor(i / channels);
  if (flattened === 'inputs')
    return {
      ...{ name, inputs, outputs, bias: storedBias },
      weight: Float32Array.from(
        { length: inputs * outputs },
        (_, index) => stored[Math.floor(index / inputs) * inputs + channelFirst(index % inputs)]!,
      ),
    };
  return {
    ...{ name, inputs, outputs },
    weight: Float32Array.from(
      { length: inputs * outputs },
      (_, index) => stored[channelFirst(Math.floor(index / inputs)) * inputs + (index % inputs)]!,
    ),
    bias: storedBias.map((_, o) => storedBias[channelFirst(o)]!),
  };
}

/**
 * Output (2 y + r, 2 x + c) of a transposed 3 x 3 convolution of stride 2 and padding 1 sees input row y through
 * tap 1 where r is 0, and rows y and y + 1 through taps 2 and 0 where it is 1; columns alike.
 */
function fourSuccessors(
  inputs: number,
  outputs: number,
  at: (output: number, input: number, tap: number) => number,
): Float32Array {
  const weight = new Float32Array(4 * outputs * inputs * 4);
  const tapOf = (odd: number, step: number): number =>
    odd === 0 ? (step === 0 ? 1 : -1) : step === 0 ? 2 : 0;
  for (let row = 0; row < 2; row++) {
    for (let column = 0; column < 2; column++) {
      for (let dy = 0; dy < 2; dy++) {
        for (let dx = 0; dx < 2; dx++) {
          const [ty, tx] = [tapOf(row, dy), tapOf(column, dx)];
          if (ty < 0 || tx < 0) continue;
          for (let o = 0; o < outputs; o++) {
            const out = (row * 2 + column) * outputs + o;
            for (let i = 0; i < inputs; i++)
              weight[(out * inputs + i) * 4 + dy * 2 + dx] = at(o, i, ty * SIDE + tx);
          }
        }
      }
    }
  }
  return weight;
}

function normOf(
  weights: Weights,
  name: string,
  outputs: number,
  epsilon: number,
): { readonly scale: Float32Array; readonly bias: Float32Array } {
  const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    dataOf(weights, `${name}.norm.${part}`),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = new Float32Array(outputs).map((_, o) => gamma[o]! / Math.sqrt(variance[o]! + epsilon));
  return { scale, bias: beta.map((value, o) => value - mean[o]! * scale[o]!) };
}

function dataOf(weights: Weights, name: string): Float32Array {
  const weight = weights.get(name);
  if (weight === undefined) throw new Error(`The weights have no ${name}.`);
  return weight.data;
}
