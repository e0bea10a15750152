import { BODIES, BODY_HEAD, hardwareShapes, TRACKS_BRANCH, TRACKS_HEAD, TRUNK } from './hardware-net.js';
import { INPUT_PLANES } from './hardware-planes.js';
import { OnnxGraph } from './onnx-graph.js';
import { ONNX_TYPE } from './onnx-schema.js';
import { type FoldedConvolution, foldHead, foldNetLayer } from './quantise/folded-layers.js';
import { readTensor, type StoredTensor } from './safetensors.js';
import { TILE_SIZE } from './architecture.js';
import type { Weights } from './weights.js';

/** Pixels of a square that lie together in the first layer's input, and its values: four planes' of each, and u. */
const SQUARE = 4;
export const SQUARE_VALUES = (INPUT_PLANES - 1) * SQUARE + 1;
/** Squares along a tile's side. */
export const SQUARES = TILE_SIZE / 2;

/**
 * The layers of the learned scorer in the form that OpenVINO takes fastest in bfloat16, their weights in the graph
 * itself: as `exportHardwareNet`, within rounding, but what the first layer sees is made by `tilePlanes` of
 * `src/kernels`.
 *
 * Input: `planes` bfloat16 [m, 32, 32, 17]. Outputs: `tops` float [m, 2], the highest logits of a lander and of
 * something small in a cell that does not lie along the border, and where it is asked for `topTracks` float [m], that
 * of tracks in any cell.
 *
 * @param file bytes of the safetensors file that the tensors lie in
 */
export function exportOpenVinoNet(
  tensors: ReadonlyMap<string, StoredTensor>,
  file: Buffer,
  o: { readonly tracks: boolean },
): Buffer {
  const weights: Weights = new Map();
  for (const name of hardwareShapes().keys()) {
    const stored = tensors.get(name);
    if (stored !== undefined) weights.set(name, readTensor(file, stored));
  }
  const graph = new OnnxGraph();
  const planes = graph.input('planes', 'bfloat16', ['m', SQUARES, SQUARES, SQUARE_VALUES]);
  // OpenVINO lays channels last between its layers, so that this moves nothing.
  const channelsFirst = graph.node('Transpose', [graph.node('Cast', [planes], { to: ONNX_TYPE.float })], {
    perm: [0, 3, 1, 2],
  });
  const [first, ...others] = TRUNK.map((layer) => foldNetLayer(weights, layer));
  const before = [ofSquares(first!), ...others.slice(0, -1)].reduce(
    (y, layer) => reluOf(graph, layer, y),
    channelsFirst,
  );
  const last = others.at(-1)!;
  // Without padding it gives all cells but those along the border.
  const inner = reluOf(graph, { ...last, name: `${last.name}.inner`, pads: [0, 0] }, before);
  highest(graph, head(graph, foldHead(weights, BODY_HEAD), inner), [2, 3], 'tops');
  graph.output('tops', 'float', ['m', BODIES.length]);
  if (o.tracks) {
    const layers = [last, ...TRACKS_BRANCH.map((layer) => foldNetLayer(weights, layer))];
    const lines = layers.reduce((y, layer) => reluOf(graph, layer, y), before);
    highest(graph, head(graph, foldHead(weights, TRACKS_HEAD), lines), [1, 2, 3], 'topTracks');
    graph.output('topTracks', 'float', ['m']);
  }
  return graph.encode('selenoscan-hardware-openvino');
}

/**
 * A 5 x 5 convolution of stride 2 as a 3 x 3 one of the squares of 2 x 2 pixels. The last plane is the same number in
 * all of a tile, so that its four weights of a square are one.
 */
export function ofSquares(layer: FoldedConvolution): FoldedConvolution {
  const { inputs, outputs, kernel, pads, weight } = layer;
  const side = 3;
  const squares = new Float32Array(outputs * SQUARE_VALUES * side * side);
  const last = inputs - 1;
  for (let at = 0; at < weight.length; at++) {
    const column = at % kernel;
    const row = Math.floor(at / kernel) % kernel;
    const plane = Math.floor(at / kernel ** 2) % inputs;
    const output = Math.floor(at / kernel ** 2 / inputs);
    // From the first pixel of the middle square on.
    const [y, x] = [row - pads[0], column - pads[0]];
    const place = 2 * (y & 1) + (x & 1);
    const value = plane === last ? last * SQUARE : plane * SQUARE + place;
    const tap = (Math.floor(y / 2) + 1) * side + Math.floor(x / 2) + 1;
    squares[(output * SQUARE_VALUES + value) * side * side + tap]! += weight[at]!;
  }
  return { ...layer, inputs: SQUARE_VALUES, kernel: side, stride: 1, pads: [1, 1], weight: squares };
}

/** A convolution and its ReLU. @returns the value's name */
export function reluOf(
  graph: OnnxGraph,
  { name, inputs, outputs, kernel, stride, pads: [before, after], weight, bias }: FoldedConvolution,
  x: string,
): string {
  const parts = [
    graph.floats(`${name}.weight`, [outputs, inputs, kernel, kernel], weight),
    graph.floats(`${name}.bias`, [outputs], bias),
  ];
  const sum = graph.node('Conv', [x, ...parts], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [before, before, after, after],
  });
  return graph.node('Relu', [sum]);
}

/** A 1 x 1 convolution. @returns the value's name */
export function head(
  graph: OnnxGraph,
  { name, inputs, outputs, weight, bias }: ReturnType<typeof foldHead>,
  x: string,
): string {
  const parts = [
    graph.floats(`${name}.weight`, [outputs, inputs, 1, 1], weight),
    graph.floats(`${name}.bias`, [outputs], bias),
  ];
  return graph.node('Conv', [x, ...parts], { kernel_shape: [1, 1] });
}

function highest(graph: OnnxGraph, x: string, axes: readonly number[], output: string): void {
  graph.node('ReduceMax', [x], { axes, keepdims: 0 }, output);
}
