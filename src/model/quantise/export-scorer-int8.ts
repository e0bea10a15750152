import { OnnxGraph } from '../onnx-graph.js';
import { ONNX_TYPE } from '../onnx-schema.js';
import { residualScores } from '../residual-scores.js';
import { type Architecture, TILE_SIZE } from '../architecture.js';
import { type ConvolutionLayer, vaeLayers } from '../vae-layers.js';
import type { Weights } from '../weights.js';
import { firstLayer } from './first-layer.js';
import { dividedOutputs } from './channel-scales.js';
import { foldConvolution, foldDense, type Picture, transposedKernel } from './folded-layers.js';
import { Int8Layers, type Quantised } from './int8-graph.js';
import type { ActivationRanges, Range } from './ranges.js';

/**
 * The scorer in whole numbers, for ONNX Runtime on a CPU; its weights lie in the graph itself.
 *
 * Inputs: `tiles` uint8 [n, C, 64, 64], `valid` uint8 [n, 1, 64, 64] as those of `exportScorer`, and `peak` uint8
 * [n, 2]: a place in each tile (x, y). Outputs, float32 [n]: `l2`, `mu_norm`, `bright` as there, and `bright_peak`,
 * the highest blurred residual within 2 px of the place. Nothing of the size of a tile comes out.
 *
 * @param ranges of the activations, by the names of the layers
 */
export function exportScorerInt8(
  architecture: Architecture,
  weights: Weights,
  ranges: ActivationRanges,
): Buffer {
  const { channels } = architecture;
  const layers = vaeLayers(architecture);
  const graph = new OnnxGraph();
  const int8 = new Int8Layers(graph);
  const tiles = graph.input('tiles', 'uint8', ['n', channels, TILE_SIZE, TILE_SIZE]);
  const valid = graph.input('valid', 'uint8', ['n', 1, TILE_SIZE, TILE_SIZE]);
  const peak = graph.input('peak', 'uint8', ['n', 2]);

  const x = graph.node('Mul', [toFloat(graph, tiles), graph.floats('1/255', [], [1 / 255])]);
  const [begin, ...encoder] = layers.encoder.map((layer) => foldConvolution(weights, layer));
  let y = firstLayer(graph, int8, begin!, x, ranges.of(begin!.name));
  for (const layer of encoder) y = int8.convolution(layer, y, ranges.of(layer.name));
  const first = layers.decoder[0]!;
  const picture = { channels: first.inputs, pixels: first.size ** 2 };
  const flat = graph.node('Flatten', [y.name], { axis: 1 });
  const mu = int8.denseToFloat(foldDense(weights, layers.mu, 'inputs', picture), { ...y, name: flat });
  graph.node('ReduceL2', [mu], { axes: [1], keepdims: 0 }, 'mu_norm');

  // The code is not rounded: what is cut off of an unlikely one, or rounded of any, changes the whole picture.
  const shape = graph.integers('code_shape', [-1, first.size, first.size, first.inputs]);
  const { name: dense } = layers.decoderDense;
  y = int8.quantise(dense, pictureRange(ranges.of(dense), picture), (shares) => {
    const folded = dividedOutputs(foldDense(weights, layers.decoderDense, 'outputs', picture), shares);
    return graph.node('Reshape', [graph.node('Relu', [int8.denseOfFloat(folded, mu)]), shape]);
  });
  for (const layer of layers.decoder.slice(0, -1)) {
    const folded = foldConvolution(weights, layer);
    y = int8.convolution(folded, y, ranges.of(layer.name));
    if (folded.depthToSpace) y = int8.depthToSpace(y, layer.size, layer.outputs);
  }
  const reconstruction = lastLayer(graph, int8, weights, layers.decoder.at(-1)!, y);
  residualScores(graph, { x, reconstruction, valid: toFloat(graph, valid), channels, peak });
  for (const name of ['l2', 'mu_norm', 'bright', 'bright_peak']) graph.output(name, 'float', ['n']);
  return graph.encode('selenoscan-scorer-int8');
}

/** Of a flat picture, channel by channel: the range of each channel over its pixels. */
function pictureRange({ least, most }: Range, { channels, pixels }: Picture): Range {
  const over = (values: Float32Array, better: (a: number, b: number) => number): Float32Array =>
    Float32Array.from({ length: channels }, (_, c) =>
      values.subarray(c * pixels, (c + 1) * pixels).reduce((a, b) => better(a, b)),
    );
  return { least: over(least, Math.min), most: over(most, Math.max) };
}

/**
 * The last layer stays in single precision: it gives few channels, at which whole numbers gain nothing, and their
 * rounding would go straight into the residual. @returns [n, C, 64, 64]
 */
function lastLayer(
  graph: OnnxGraph,
  int8: Int8Layers,
  weights: Weights,
  layer: ConvolutionLayer,
  x: Quantised,
): string {
  const { name, inputs, outputs, stride } = layer;
  const turned = graph.node('Transpose', [x.name], { perm: [0, 3, 1, 2] });
  const picture = int8.dequantise({ ...x, name: turned });
  const { weight, bias } = transposedKernel(weights, layer);
  const shared = weight.map((value, i) => value * x.shares[Math.floor(i / (outputs * 9)) % x.shares.length]!);
  const logits = graph.node(
    'ConvTranspose',
    [
      picture,
      graph.floats(`${name}.weight`, [inputs, outputs, 3, 3], shared),
      graph.floats(`${name}.bias`, [outputs], bias),
    ],
    {
      kernel_shape: [3, 3],
      strides: [stride, stride],
      pads: [1, 1, 1, 1],
      output_padding: [stride - 1, stride - 1],
    },
  );
  return graph.node('Sigmoid', [logits]);
}

function toFloat(graph: OnnxGraph, name: string): string {
  return graph.node('Cast', [name], { to: ONNX_TYPE.float });
}
