import type { OnnxGraph } from '../onnx-graph.js';
import { ONNX_TYPE } from '../onnx-schema.js';
import { channelScales, dividedOutputs, multipliedInputs } from './channel-scales.js';
import type { FoldedConvolution, FoldedDense } from './folded-layers.js';
import { quantiseRows, transposed } from './int8-weights.js';
import type { Range } from './ranges.js';

/** A value of 8 bits: real = (kept - zero) * scale * its channel's share. */
export interface Quantised {
  readonly name: string;
  readonly scale: number;
  readonly zero: number;
  /** By channel, which is the last axis. */
  readonly shares: Float32Array;
}

/**
 * From so many taps a kernel on, ONNX Runtime's matrix kernels (AMX, where the CPU has it) beat its convolution
 * kernels by up to 2.1; it takes the former only for weights whose zero point is not 0.
 */
const MATRIX_TAPS = 280;
/** How far channels of unlike size are brought to one size. */
const EVENNESS = 0.5;

/** Writes the layers of a network of whole numbers, channels last, with the operators of ONNX Runtime. */
export class Int8Layers {
  readonly #graph: OnnxGraph;
  readonly #numbers = new Map<string, string>();

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
  }

  /** [n, h, w, c] to [n, h', w', outputs], both of 8 bits; below zero is cut off, which is the ReLU. */
  convolution(layer: FoldedConvolution, x: Quantised, range: Range): Quantised {
    const { name, inputs, outputs, kernel } = layer;
    const scales = channelScales(range.most, EVENNESS);
    const taps = kernel * kernel;
    const { weight, bias } = multipliedInputs(dividedOutputs(layer, scales.shares), x.shares, taps);
    const rows = quantiseRows(weight, outputs, inputs * taps >= MATRIX_TAPS ? 1 : 0);
    const y = { scale: Math.fround(scales.most / 255), zero: 0, shares: scales.shares };
    const graph = this.#graph;
    const result = graph.contrib(
      'QLinearConv',
      [
        ...this.#quantised(x),
        graph.tensor(`${name}.int8`, [outputs, inputs, kernel, kernel], rows.values),
        graph.floats(`${name}.scale`, [outputs], rows.scales),
        graph.tensor(`${name}.zero`, [outputs], new Int8Array(outputs).fill(rows.zeroPoint)),
        this.#float(y.scale),
        this.#byte(0),
        graph.tensor(`${name}.bias.int32`, [outputs], biasOf(bias, rows.scales, x.scale)),
      ],
      { ...convolutionSizes(layer), channels_last: 1 },
    );
    return { name: result, ...y };
  }

  /** [n, h, w, 4 c] to [n, 2 h, 2 w, c]; `size` = h = w. */
  depthToSpace(x: Quantised, size: number, channels: number): Quantised {
    const graph = this.#graph;
    const shape = [-1, size, size, 2, 2, channels];
    const parted = graph.node('Reshape', [x.name, graph.integers(`${x.name}.parted`, shape)]);
    const turned = graph.node('Transpose', [parted], { perm: [0, 1, 3, 2, 4, 5] });
    const whole = graph.integers(`${x.name}.whole`, [-1, 2 * size, 2 * size, channels]);
    return { ...x, name: graph.node('Reshape', [turned, whole]) };
  }

  /**
   * Single precision [n, inputs] to single precision [n, outputs], with weights that are kept as whole numbers and
   * unpacked when the graph is loaded.
   */
  denseOfFloat(layer: FoldedDense, x: string): string {
    const { name, inputs, outputs } = layer;
    const graph = this.#graph;
    const { values, scales } = quantiseRows(layer.weight, outputs);
    const kept = graph.tensor(`${name}.int8`, [inputs, outputs], transposed(values, outputs));
    const unscaled = graph.node('Cast', [kept], { to: ONNX_TYPE.float });
    const weight = graph.node('Mul', [unscaled, graph.floats(`${name}.scale`, [outputs], scales)]);
    return graph.node('Gemm', [x, weight, graph.floats(`${name}.bias.float`, [outputs], layer.bias)]);
  }

  /** [..., inputs] of 8 bits to [..., outputs] in single precision. */
  denseToFloat(layer: FoldedDense, x: Quantised, output?: string): string {
    const { names } = this.#matrix(layer, x);
    const [weight, scale, zero] = names as [string, string, string];
    const bias = this.#graph.floats(`${layer.name}.bias.float`, [layer.outputs], layer.bias);
    const inputs = [x.name, weight, this.#float(x.scale), scale, this.#byte(x.zero), zero, bias];
    return this.#graph.contrib('MatMulIntegerToFloat', inputs, {}, output);
  }

  /**
   * A ReLU's output in single precision to 8 bits.
   * @param divided gives the output, its channels, which are the last axis, divided by what it is given
   */
  quantise(name: string, range: Range, divided: (shares: Float32Array) => string): Quantised {
    const { shares, most } = channelScales(range.most, EVENNESS);
    const scale = Math.fround(most / 255);
    const inputs = [divided(shares), this.#float(scale), this.#byte(0)];
    const result = this.#graph.node('QuantizeLinear', inputs, {}, `${name}.quantised`);
    return { name: result, scale, zero: 0, shares };
  }

  /** A value of 8 bits in single precision, but for its channels' shares. */
  dequantise(x: Quantised): string {
    return this.#graph.node('DequantizeLinear', this.#quantised(x));
  }

  #matrix(layer: FoldedDense, x: Quantised): { names: string[]; scales: Float32Array } {
    const { name, inputs, outputs } = layer;
    const graph = this.#graph;
    const { values, scales } = quantiseRows(multipliedInputs(layer, x.shares, 1).weight, outputs);
    const names = [
      graph.tensor(`${name}.int8`, [inputs, outputs], transposed(values, outputs)),
      graph.floats(`${name}.scale`, [outputs], scales),
      graph.tensor(`${name}.zero`, [outputs], new Int8Array(outputs)),
    ];
    return { names, scales };
  }

  #quantised({ name, scale, zero }: Quantised): string[] {
    return [name, this.#float(scale), this.#byte(zero)];
  }

  #float(value: number): string {
    return this.#once(`float ${value}`, (name) => this.#graph.floats(name, [], [value]));
  }

  #byte(value: number): string {
    return this.#once(`byte ${value}`, (name) => this.#graph.tensor(name, [], Uint8Array.of(value)));
  }

  #once(key: string, make: (name: string) => string): string {
    const known = this.#numbers.get(key) ?? make(key.replace(' ', '_'));
    this.#numbers.set(key, known);
    return known;
  }
}

/** Attributes of a convolution. */
export function convolutionSizes({ kernel, stride, pads }: FoldedConvolution): Record<string, number[]> {
  return {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pads[0], pads[0], pads[1], pads[1]],
  };
}

/** In units of a product of input and weight. */
function biasOf(bias: Float32Array, scales: Float32Array, inputScale: number): Int32Array {
  return Int32Array.from(bias, (value, o) => Math.round(value / (scales[o]! * inputScale)));
}
