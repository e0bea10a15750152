import type { OnnxGraph } from '../onnx-graph.js';
import type { FoldedConvolution, FoldedDense } from './folded-layers.js';
import { quantiseRows, transposed } from './int8-weights.js';

/** A value of 8 bits: real = (kept - zero) * scale. */
export interface Quantised {
  readonly name: string;
  readonly scale: number;
  readonly zero: number;
}

/**
 * From so many taps a kernel on, ONNX Runtime's matrix kernels (AMX, where the CPU has it) beat its convolution
 * kernels by up to 2.1; it takes the former only for weights whose zero point is not 0.
 */
const MATRIX_TAPS = 280;

/** Writes the layers of a network of whole numbers, channels last, with the operators of ONNX Runtime. */
export class Int8Layers {
  readonly #graph: OnnxGraph;
  readonly #numbers = new Map<string, string>();

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
  }

  /** [n, h, w, c] to [n, h', w', outputs], both of 8 bits; below zero is cut off, which is the ReLU. */
  convolution(layer: FoldedConvolution, x: Quantised, largest: number): Quantised {
    const { name, inputs, outputs, kernel, stride, pads, weight, bias } = layer;
    const rows = quantiseRows(weight, outputs, inputs * kernel * kernel >= MATRIX_TAPS ? 1 : 0);
    const y = { scale: Math.fround(largest / 255), zero: 0 };
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
      {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pads[0], pads[0], pads[1], pads[1]],
        channels_last: 1,
      },
    );
    return { name: result, ...y };
  }

  /** [n, h, w, 4 c] to [n, 2 h, 2 w, c]; `size` = h = w. */
  depthToSpace(x: Quantised, size: number, channels: number): Quantised {
    const graph = this.#graph;
    const parted = graph.node('Reshape', [
      x.name,
      graph.integers(`${x.name}.parted`, [-1, size, size, 2, 2, channels]),
    ]);
    const turned = graph.node('Transpose', [parted], { perm: [0, 1, 3, 2, 4, 5] });
    const name = graph.node('Reshape', [
      turned,
      graph.integers(`${x.name}.whole`, [-1, 2 * size, 2 * size, channels]),
    ]);
    return { ...x, name };
  }

  /** [n, inputs] to [n, outputs] of 8 bits, cut off below zero. */
  dense(layer: FoldedDense, x: Quantised, largest: number): Quantised {
    const y = { scale: Math.fround(largest / 255), zero: 0 };
    const { outputs } = layer;
    const graph = this.#graph;
    const rows = this.#matrix(layer);
    const bias = graph.tensor(
      `${layer.name}.bias.int32`,
      [outputs],
      biasOf(layer.bias, rows.scales, x.scale),
    );
    const inputs = [...this.#quantised(x), ...rows.names, bias, this.#float(y.scale), this.#byte(0)];
    return { name: graph.contrib('QGemm', inputs), ...y };
  }

  /** [..., inputs] of 8 bits to [..., outputs] in single precision. */
  denseToFloat(layer: FoldedDense, x: Quantised, output?: string): string {
    const { names } = this.#matrix(layer);
    const [weight, scale, zero] = names as [string, string, string];
    const bias = this.#graph.floats(`${layer.name}.bias.float`, [layer.outputs], layer.bias);
    const inputs = [x.name, weight, this.#float(x.scale), scale, this.#byte(x.zero), zero, bias];
    return this.#graph.contrib('MatMulIntegerToFloat', inputs, {}, output);
  }

  /** Single precision to 8 bits. @param range what it takes without being cut off; 0 is kept exactly */
  quantise(x: string, range: { readonly least: number; readonly most: number }): Quantised {
    const least = Math.min(range.least, 0);
    const most = Math.max(range.most, 0);
    const scale = Math.fround((most - least) / 255 || 1);
    const zero = Math.min(Math.max(Math.round(-least / scale), 0), 255);
    const name = this.#graph.node('QuantizeLinear', [x, this.#float(scale), this.#byte(zero)]);
    return { name, scale, zero };
  }

  #matrix({ name, inputs, outputs, weight }: FoldedDense): { names: string[]; scales: Float32Array } {
    const graph = this.#graph;
    const { values, scales } = quantiseRows(weight, outputs);
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

/** In units of a product of input and weight. */
function biasOf(bias: Float32Array, scales: Float32Array, inputScale: number): Int32Array {
  return Int32Array.from(bias, (value, o) => Math.round(value / (scales[o]! * inputScale)));
}
