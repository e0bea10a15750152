import { INPUT_PLANES } from '../hardware-planes.js';
import type { OnnxGraph } from '../onnx-graph.js';
import { dividedOutputs } from './channel-scales.js';
import type { FoldedConvolution } from './folded-layers.js';
import { convolutionSizes, type Int8Layers, type Quantised } from './int8-graph.js';
import type { Range } from './ranges.js';

/** What the first layer of the learned scorer is made of: see `inputPlanes`. */
export interface SteeredInput {
  /** c, float [m, 1, side, side] */
  readonly contrast: string;
  /** Its deviation over each tile, float [m, 1, 1, 1]. */
  readonly spread: string;
  /** u, float [m, 1, 1, 1] */
  readonly octant: string;
  readonly side: number;
}

/**
 * The first layer of the learned scorer, in single precision. Its planes c, c u, c / spread and c u / spread differ by
 * one number a tile, so that their kernels make one kernel for each tile, and the convolution is a product of it with
 * the neighbourhoods of c: a fifth of the multiplications, and the channels come out last. The plane u is the same
 * everywhere but beyond the border: what its kernel gives is a picture that is known beforehand, times u. Below zero
 * is cut off by the rounding to 8 bits, which is the ReLU.
 *
 * @returns its ReLU in 8 bits, [m, side / 2, side / 2, outputs]
 */
export function steeredLayer(
  graph: OnnxGraph,
  int8: Int8Layers,
  layer: FoldedConvolution,
  { contrast, spread, octant, side }: SteeredInput,
  range: Range,
): Quantised {
  const { name, inputs, outputs, kernel, stride } = layer;
  if (inputs !== INPUT_PLANES) throw new Error(`${name} has ${inputs} planes, not ${INPUT_PLANES}.`);
  const taps = kernel * kernel;
  const places = (side / stride) ** 2;
  const each = graph.node('Conv', [contrast, ...oneTapEach(graph, name, kernel)], convolutionSizes(layer));
  const last = graph.node('Transpose', [each], { perm: [0, 2, 3, 1] });
  const around = graph.node('Reshape', [last, graph.integers(`${name}.places`, [-1, places, taps + 1])]);
  const perTile = graph.integers(`${name}.per_tile`, [-1, 1, 1]);
  const u = graph.node('Reshape', [octant, perTile]);
  const deviation = graph.node('Reshape', [spread, perTile]);
  const picture = [-1, side / stride, side / stride, outputs];
  return int8.quantise(name, range, (shares) => {
    const { weight, bias } = dividedOutputs(layer, shares);
    /** [1, taps + 1, outputs]; the last row is for the 1 beside the taps. */
    const plane = (index: number): string =>
      graph.floats(
        `${name}.plane_${index}`,
        [1, taps + 1, outputs],
        Float32Array.from({ length: (taps + 1) * outputs }, (_, i) => {
          const [tap, output] = [Math.floor(i / outputs), i % outputs];
          if (tap === taps) return index === 0 ? bias[output]! : 0;
          return weight[(output * inputs + index) * taps + tap]!;
        }),
      );
    const steered = (still: number, turning: number): string =>
      graph.node('Add', [plane(still), graph.node('Mul', [plane(turning), u])]);
    const kernels = graph.node('Add', [steered(0, 1), graph.node('Div', [steered(2, 3), deviation])]);
    const level = graph.floats(`${name}.level`, [1, places, outputs], levelOf(layer, weight, side));
    const sum = graph.node('Add', [graph.node('MatMul', [around, kernels]), graph.node('Mul', [u, level])]);
    return graph.node('Reshape', [sum, graph.integers(`${name}.picture`, picture)]);
  });
}

/** A kernel for each tap that gives the pixel under it, and one that gives 1: weights, biases. */
function oneTapEach(graph: OnnxGraph, name: string, kernel: number): [string, string] {
  const taps = kernel * kernel;
  const values = new Float32Array((taps + 1) * taps);
  for (let tap = 0; tap < taps; tap++) values[tap * (taps + 1)] = 1;
  const one = new Float32Array(taps + 1);
  one[taps] = 1;
  return [
    graph.floats(`${name}.taps`, [taps + 1, 1, kernel, kernel], values),
    graph.floats(`${name}.one`, [taps + 1], one),
  ];
}

/** What the last plane gives where it is 1 on the tile and 0 beyond: [places, outputs]. */
function levelOf(
  { inputs, outputs, kernel, stride, pads }: FoldedConvolution,
  weight: Float32Array,
  side: number,
): Float32Array {
  const across = side / stride;
  const inside = (place: number, tap: number): boolean => {
    const at = place * stride - pads[0] + tap;
    return at >= 0 && at < side;
  };
  const level = new Float32Array(across * across * outputs);
  for (let i = 0; i < level.length; i++) {
    const output = i % outputs;
    const x = Math.floor(i / outputs) % across;
    const y = Math.floor(i / outputs / across);
    const from = (output * inputs + inputs - 1) * kernel * kernel;
    for (let row = 0; row < kernel; row++)
      for (let column = 0; column < kernel; column++)
        if (inside(y, row) && inside(x, column)) level[i]! += weight[from + row * kernel + column]!;
  }
  return level;
}
