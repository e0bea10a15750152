import { OnnxGraph } from '../onnx-graph.js';
import { ONNX_TYPE } from '../onnx-schema.js';
import { residualScores } from '../residual-scores.js';
import { type Architecture, TILE_SIZE, vaeLayers } from '../vae.js';
import type { Weights } from '../weights.js';
import { foldConvolution, type FoldedConvolution, foldDense } from './folded-layers.js';
import { Int8Layers, type Quantised } from './int8-graph.js';
import type { ActivationRanges } from './ranges.js';

/**
 * The scorer in whole numbers, for ONNX Runtime on a CPU; its weights lie in the graph itself.
 *
 * Inputs: `tiles` uint8 [n, C, 64, 64], `valid` uint8 [n, 1, 64, 64] as those of `exportScorer`, and `peak` uint8
 * [n, 2]: a place in each tile (x, y). Outputs, float32 [n]: `l2`, `mu_norm`, `bright` as there, and `bright_peak`,
 * the highest blurred residual within 2 px of the place. Nothing of the size of a tile comes out.
 *
 * @param ranges of the activations, as `scorerValues` names them
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

  // A grey level is a number of 8 bits already.
  let y: Quantised = { name: channelsLast(graph, tiles, channels), scale: Math.fround(1 / 255), zero: 0 };
  for (const layer of layers.encoder)
    y = int8.convolution(foldConvolution(weights, layer), y, ranges.most(layer.name));
  const first = layers.decoder[0]!;
  const picture = { channels: first.inputs, pixels: first.size ** 2 };
  const flat = graph.node('Flatten', [y.name], { axis: 1 });
  const mu = int8.denseToFloat(foldDense(weights, layers.mu, 'inputs', picture), { ...y, name: flat });
  graph.node('ReduceL2', [mu], { axes: [1], keepdims: 0 }, 'mu_norm');

  const code = int8.quantise(mu, ranges.of(layers.mu.name));
  const decoderDense = foldDense(weights, layers.decoderDense, 'outputs', picture);
  y = int8.dense(decoderDense, code, ranges.most(layers.decoderDense.name));
  y = {
    ...y,
    name: graph.node('Reshape', [
      y.name,
      graph.integers('code_shape', [-1, first.size, first.size, first.inputs]),
    ]),
  };
  for (const layer of layers.decoder) {
    const folded = foldConvolution(weights, layer);
    if (layer.ending === 'bias-sigmoid') {
      const logits = convolutionToFloat(graph, int8, folded, y, layer.size);
      const reconstruction = asTile(graph, graph.node('Sigmoid', [logits]), folded, layer.size, channels);
      const x = graph.node('Mul', [toFloat(graph, tiles), graph.floats('255', [], [1 / 255])]);
      residualScores(graph, { x, reconstruction, valid: toFloat(graph, valid), channels, peak });
      continue;
    }
    y = int8.convolution(folded, y, ranges.most(layer.name));
    if (folded.depthToSpace) y = int8.depthToSpace(y, layer.size, layer.outputs);
  }
  for (const name of ['l2', 'mu_norm', 'bright', 'bright_peak']) graph.output(name, 'float', ['n']);
  return graph.encode('selenoscan-scorer-int8');
}

function channelsLast(graph: OnnxGraph, tiles: string, channels: number): string {
  if (channels === 1)
    return graph.node('Reshape', [tiles, graph.integers('grey', [-1, TILE_SIZE, TILE_SIZE, 1])]);
  return graph.node('Transpose', [tiles], { perm: [0, 2, 3, 1] });
}

/**
 * The last layer gives few channels: its neighbourhoods are laid side by side, so that one product gives it in
 * single precision, without a last rounding to 8 bits. @returns [n, h, w, outputs]
 */
function convolutionToFloat(
  graph: OnnxGraph,
  int8: Int8Layers,
  layer: FoldedConvolution,
  x: Quantised,
  size: number,
): string {
  const { name, inputs, outputs, kernel, pads, weight } = layer;
  const padded = graph.node('Pad', [
    x.name,
    graph.integers(`${name}.pads`, [0, pads[0], pads[0], 0, 0, pads[1], pads[1], 0]),
    graph.tensor(`${name}.nothing`, [], Uint8Array.of(x.zero)),
  ]);
  const axes = graph.integers(`${name}.axes`, [1, 2]);
  const taps = kernel * kernel;
  const neighbours = Array.from({ length: taps }, (_, tap) => {
    const from = [Math.floor(tap / kernel), tap % kernel];
    const starts = graph.integers(`${name}.from.${tap}`, from);
    const ends = graph.integers(
      `${name}.to.${tap}`,
      from.map((at) => at + size),
    );
    return graph.node('Slice', [padded, starts, ends, axes]);
  });
  const laid = graph.node('Concat', neighbours, { axis: 3 });
  const byTap = Float32Array.from({ length: weight.length }, (_, index) => {
    const row = Math.floor(index / (taps * inputs));
    const tap = Math.floor((index % (taps * inputs)) / inputs);
    return weight[(row * inputs + (index % inputs)) * taps + tap]!;
  });
  const dense = { name, inputs: taps * inputs, outputs, weight: byTap, bias: layer.bias };
  return int8.denseToFloat(dense, { ...x, name: laid });
}

/** [n, h, w, outputs] to [n, C, 64, 64]. */
function asTile(
  graph: OnnxGraph,
  x: string,
  { depthToSpace }: FoldedConvolution,
  size: number,
  channels: number,
): string {
  const shape = graph.integers('tile_shape', [-1, channels, TILE_SIZE, TILE_SIZE]);
  if (!depthToSpace)
    return channels === 1
      ? graph.node('Reshape', [x, shape])
      : graph.node('Transpose', [x], { perm: [0, 3, 1, 2] });
  const parted = graph.node('Reshape', [x, graph.integers('parted', [-1, size, size, 2, 2, channels])]);
  return graph.node('Reshape', [graph.node('Transpose', [parted], { perm: [0, 5, 1, 3, 2, 4] }), shape]);
}

function toFloat(graph: OnnxGraph, name: string): string {
  return graph.node('Cast', [name], { to: ONNX_TYPE.float });
}
