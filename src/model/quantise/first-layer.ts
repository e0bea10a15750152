import type { OnnxGraph } from '../onnx-graph.js';
import { dividedOutputs } from './channel-scales.js';
import type { FoldedConvolution } from './folded-layers.js';
import { convolutionSizes, type Int8Layers, type Quantised } from './int8-graph.js';
import type { Range } from './ranges.js';

/**
 * The first layer of a network, in single precision: its few input channels would leave a kernel of whole numbers
 * mostly idle, and what it reads is not rounded.
 *
 * @param x float [n, inputs, h, w]
 * @returns its ReLU in 8 bits, [n, h', w', outputs]
 */
export function firstLayer(
  graph: OnnxGraph,
  int8: Int8Layers,
  layer: FoldedConvolution,
  x: string,
  range: Range,
): Quantised {
  const { name, inputs, outputs, kernel } = layer;
  return int8.quantise(name, range, (shares) => {
    const { weight, bias } = dividedOutputs(layer, shares);
    const convolved = graph.node(
      'Conv',
      [
        x,
        graph.floats(`${name}.folded`, [outputs, inputs, kernel, kernel], weight),
        graph.floats(`${name}.folded_bias`, [outputs], bias),
      ],
      convolutionSizes(layer),
    );
    return graph.node('Transpose', [graph.node('Relu', [convolved])], { perm: [0, 2, 3, 1] });
  });
}
