import { convolution, dense } from './export-onnx.js';
import { OnnxGraph } from './onnx-graph.js';
import { ONNX_TYPE } from './onnx-schema.js';
import { foldConvolution, type Picture } from './quantise/folded-layers.js';
import { residualScores } from './residual-scores.js';
import { readTensor, type StoredTensor } from './safetensors.js';
import { type Architecture, TILE_SIZE } from './architecture.js';
import { type ConvolutionLayer, vaeLayers } from './vae-layers.js';
import type { Weight } from './weights.js';

/**
 * The scorer in the form that OpenVINO takes fastest, its weights in the graph itself. It computes what the graph of
 * `exportScorer` computes, within rounding: the code's values and the last layer's sums come in another order.
 *
 * Inputs as there, and `peak` uint8 [n, 2]: a place in each tile (x, y). Outputs as there, and `bright_peak` float
 * [n]: the highest blurred residual within 2 px of the place.
 *
 * @param file bytes of the safetensors file that the tensors lie in
 */
export function exportOpenVinoScorer(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: Buffer,
): Buffer {
  const { channels, latent } = architecture;
  const layers = vaeLayers(architecture);
  const graph = new OnnxGraph();
  const storedAs = (name: string): StoredTensor => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`The weights have no ${name}.`);
    return stored;
  };
  const weight = (name: string): string => graph.weight(name, storedAs(name), file);
  const tile = ['n', channels, TILE_SIZE, TILE_SIZE] as const;
  const tiles = graph.input('tiles', 'uint8', tile);
  const valid = graph.input('valid', 'uint8', ['n', 1, TILE_SIZE, TILE_SIZE]);
  const peak = graph.input('peak', 'uint8', ['n', 2]);

  const dn = toFloat(graph, tiles);
  const unit = graph.floats('1/255', [], [1 / 255]);
  const x = graph.node('Mul', [dn, unit]);
  // Whole numbers up to 255 have no rounding in bfloat16, as shares of 255 have: the first layer takes those.
  const [begin, ...others] = layers.encoder;
  const scaled = (name: string): string =>
    name === `${begin!.name}.weight` ? graph.node('Mul', [weight(name), unit]) : weight(name);
  const encoded = others.reduce(
    (y, layer) => convolution(graph, layer, y, weight),
    convolution(graph, begin!, dn, scaled),
  );
  // OpenVINO lays channels last between its layers: a code that lies so, too, need not be laid anew.
  const first = layers.decoder[0]!;
  const picture = { channels: first.inputs, pixels: first.size ** 2 };
  const laid = (axis: number) => (name: string) => {
    const { shape } = storedAs(name);
    return shape.length > axis ? pixelsFirst(graph, name, weight(name), shape, axis, picture) : weight(name);
  };
  const channelsLast = graph.node('Transpose', [encoded], { perm: [0, 2, 3, 1] });
  const mu = dense(graph, layers.mu, graph.node('Flatten', [channelsLast], { axis: 1 }), laid(1), 'mu');
  const code = graph.node('Relu', [dense(graph, layers.decoderDense, mu, laid(0))]);
  const square = graph.integers('code_shape', [-1, first.size, first.size, first.inputs]);
  let y = graph.node('Transpose', [graph.node('Reshape', [code, square])], { perm: [0, 3, 1, 2] });
  for (const layer of layers.decoder.slice(0, -1)) y = convolution(graph, layer, y, weight);
  const last = layers.decoder.at(-1)!;
  y =
    last.stride === 2
      ? successors(graph, last, y, (name) => readTensor(file, storedAs(name)))
      : convolution(graph, last, y, weight);
  const reconstruction = graph.node('Identity', [y], {}, 'reconstruction');

  graph.node('ReduceL2', [mu], { axes: [1], keepdims: 0 }, 'mu_norm');
  residualScores(graph, { x, reconstruction, valid: toFloat(graph, valid), channels, peak });
  for (const name of ['l2', 'mu_norm', 'bright', 'bright_peak']) graph.output(name, 'float', ['n']);
  graph.output('mu', 'float', ['n', latent]);
  graph.output('reconstruction', 'float', tile);
  return graph.encode('selenoscan-scorer-openvino');
}

/** A weight whose axis is a picture, channel by channel, laid pixel by pixel. The engine does it once, at load. */
function pixelsFirst(
  graph: OnnxGraph,
  name: string,
  weight: string,
  shape: readonly number[],
  axis: number,
  { channels, pixels }: Picture,
): string {
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  const split = graph.integers(`${name}.split`, [...before, channels, pixels, ...after]);
  const order = [...before.keys(), axis + 1, axis, ...Array.from(after, (_, i) => axis + 2 + i)];
  const turned = graph.node('Transpose', [graph.node('Reshape', [weight, split])], { perm: order });
  return graph.node('Reshape', [turned, graph.integers(`${name}.laid`, shape)]);
}

/**
 * The last, transposed layer of stride 2 as a convolution that gives each pixel's four successors: of few channels,
 * OpenVINO has no fast transposed convolution.
 */
function successors(
  graph: OnnxGraph,
  layer: ConvolutionLayer,
  x: string,
  tensor: (name: string) => Weight,
): string {
  const { name } = layer;
  const weights = new Map([`${name}.weight`, `${name}.bias`].map((part) => [part, tensor(part)]));
  const { inputs, outputs, kernel, pads, weight, bias } = foldConvolution(weights, layer);
  const [before, after] = pads;
  const four = graph.node(
    'Conv',
    [
      x,
      graph.floats(`${name}.weight`, [outputs, inputs, kernel, kernel], weight),
      graph.floats(`${name}.bias`, [outputs], bias),
    ],
    { kernel_shape: [kernel, kernel], strides: [1, 1], pads: [before, before, after, after] },
  );
  return graph.node('Sigmoid', [graph.node('DepthToSpace', [four], { blocksize: 2 })]);
}

function toFloat(graph: OnnxGraph, name: string): string {
  return graph.node('Cast', [name], { to: ONNX_TYPE.float });
}
