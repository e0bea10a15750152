import { activationOf } from './activation-names.js';
import {
  BODIES,
  BODY_HEAD,
  CELLS,
  NET_NORM_EPSILON,
  type NetLayer,
  TRACK_CELLS,
  TRACKS_BRANCH,
  TRACKS_HEAD,
  TRUNK,
} from './hardware-net.js';
import { LEAST_DEVIATION, LEAST_LEVEL, LEVEL_SIDE } from './hardware-planes.js';
import { OnnxGraph } from './onnx-graph.js';
import { ONNX_TYPE } from './onnx-schema.js';
import type { StoredTensor } from './safetensors.js';
import { TILE_SIZE } from './architecture.js';

/**
 * The learned scorer of hardware as an ONNX graph of its own.
 *
 * Inputs: `turned` uint8 [m, 1, 64, 64], tiles turned towards the first octant; `octant` float [m], where the
 * direction away from the Sun lies in it, -1..1. Outputs, of every cell of the turned tile: `bodies` float
 * [m, 2, 16, 16], logits of a lander and of something small, and `tracks` float [m, 1, 8, 8].
 *
 * @param weightsFile its name beside the graph, or its bytes, which the graph then holds
 */
export function exportHardwareNet(
  tensors: ReadonlyMap<string, StoredTensor>,
  weightsFile: string | Uint8Array,
): Buffer {
  const graph = new OnnxGraph();
  const tiles = graph.input('turned', 'uint8', ['m', 1, TILE_SIZE, TILE_SIZE]);
  const octant = graph.input('octant', 'float', ['m']);
  network(graph, inputParts(graph, tiles, octant), tensors, weightsFile);
  return graph.encode('selenoscan-hardware');
}

/** The layers, and their outputs. */
function network(
  graph: OnnxGraph,
  parts: InputParts,
  tensors: ReadonlyMap<string, StoredTensor>,
  weightsFile: string | Uint8Array,
): void {
  const weight = (name: string): string => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`The weights have no ${name}.`);
    return graph.weight(name, stored, weightsFile);
  };
  const planes = inputPlanes(graph, parts);
  const code = TRUNK.reduce((y, layer) => convolution(graph, layer, y, weight), planes);
  const lines = TRACKS_BRANCH.reduce((y, layer) => convolution(graph, layer, y, weight), code);
  for (const [y, { name }, output] of [
    [code, BODY_HEAD, 'bodies'],
    [lines, TRACKS_HEAD, 'tracks'],
  ] as const) {
    graph.node(
      'Conv',
      [y, weight(`${name}.weight`), weight(`${name}.bias`)],
      { kernel_shape: [1, 1] },
      output,
    );
  }
  graph.output('bodies', 'float', ['m', BODIES.length, CELLS, CELLS]);
  graph.output('tracks', 'float', ['m', 1, TRACK_CELLS, TRACK_CELLS]);
}

/** What the first layer's planes are made of: c float [m, 1, 64, 64], its deviation and u float [m, 1, 1, 1]. */
export interface InputParts {
  readonly contrast: string;
  readonly spread: string;
  readonly octant: string;
}

/** Parts of the planes of `tiles` uint8 [m, 1, 64, 64], see `hardwarePlanes`. */
export function inputParts(graph: OnnxGraph, tiles: string, octant: string): InputParts {
  const number = (name: string, value: number): string => graph.floats(name, [], [value]);
  const x = graph.node('Div', [graph.node('Cast', [tiles], { to: ONNX_TYPE.float }), number('255', 255)]);
  // The mean over a square is separable: two products with one matrix, faster than two poolings.
  const band = graph.floats('mean_band', [TILE_SIZE, TILE_SIZE], meanBand());
  const across = graph.floats('mean_band_transposed', [TILE_SIZE, TILE_SIZE], transposedBand());
  const level = graph.node('MatMul', [band, graph.node('MatMul', [x, across])]);
  const least = graph.node('Max', [level, number('least_level', LEAST_LEVEL)]);
  const contrast = graph.node('Div', [graph.node('Sub', [x, level]), least]);
  const squared = graph.node('Mul', [contrast, contrast]);
  const deviation = graph.node('Sqrt', [
    graph.node('ReduceMean', [squared], { axes: [1, 2, 3], keepdims: 1 }),
  ]);
  const spread = graph.node('Max', [deviation, number('least_deviation', LEAST_DEVIATION)]);
  const perTile = graph.node('Reshape', [octant, graph.integers('per_tile', [-1, 1, 1, 1])]);
  return { contrast, spread, octant: perTile };
}

/** The planes themselves, float [m, 5, 64, 64]. */
function inputPlanes(graph: OnnxGraph, { contrast, spread, octant: u }: InputParts): string {
  const standard = graph.node('Div', [contrast, spread]);
  const none = graph.node('Mul', [contrast, graph.floats('none', [], [0])]);
  const plane = graph.node('Add', [none, u]);
  return graph.node(
    'Concat',
    [contrast, graph.node('Mul', [contrast, u]), standard, graph.node('Mul', [standard, u]), plane],
    { axis: 1 },
  );
}

/** Row i averages over the pixels within reach of pixel i, fewer at the border. */
function meanBand(): Float32Array {
  const reach = (LEVEL_SIDE - 1) / 2;
  return Float32Array.from({ length: TILE_SIZE * TILE_SIZE }, (_, index) => {
    const [i, j] = [Math.floor(index / TILE_SIZE), index % TILE_SIZE];
    const count = Math.min(i + reach, TILE_SIZE - 1) - Math.max(i - reach, 0) + 1;
    return Math.abs(i - j) <= reach ? 1 / count : 0;
  });
}

function transposedBand(): Float32Array {
  const band = meanBand();
  return band.map((_, index) => band[(index % TILE_SIZE) * TILE_SIZE + Math.floor(index / TILE_SIZE)]!);
}

function convolution(
  graph: OnnxGraph,
  { name, kernel, stride }: NetLayer,
  x: string,
  weight: (name: string) => string,
): string {
  // As TensorFlow's `same`: what is odd of the padding goes to the far side.
  const before = Math.floor((kernel - stride) / 2);
  const after = kernel - stride - before;
  const convolved = graph.node('Conv', [x, weight(`${name}.weight`)], {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [before, before, after, after],
  });
  const norm = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    weight(`${name}.norm.${part}`),
  );
  const normed = graph.node('BatchNormalization', [convolved, ...norm], { epsilon: NET_NORM_EPSILON });
  return graph.node('Relu', [normed], {}, activationOf(name));
}
