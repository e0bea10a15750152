import { inputPlanes } from '../export-hardware.js';
import {
  BODIES,
  BODY_HEAD,
  CELLS,
  type NetLayer,
  TRACK_CELLS,
  TRACKS_BRANCH,
  TRACKS_HEAD,
  TRUNK,
} from '../hardware-net.js';
import { OnnxGraph } from '../onnx-graph.js';
import { TILE_SIZE } from '../vae.js';
import type { Weights } from '../weights.js';
import { type FoldedConvolution, foldHead, foldNetLayer } from './folded-layers.js';
import { Int8Layers, type Quantised } from './int8-graph.js';
import type { ActivationRanges } from './ranges.js';

/**
 * The learned scorer of hardware in whole numbers, for ONNX Runtime on a CPU; its weights lie in the graph itself.
 * Inputs and outputs are those of `exportHardwareNet`. The first layer stays in single precision: contrast has
 * long tails, which 8 bits do not hold together with the texture of plain ground.
 *
 * @param ranges of the activations, by the layers' names
 */
export function exportHardwareInt8(weights: Weights, ranges: ActivationRanges): Buffer {
  const graph = new OnnxGraph();
  const int8 = new Int8Layers(graph);
  const tiles = graph.input('turned', 'uint8', ['m', 1, TILE_SIZE, TILE_SIZE]);
  const octant = graph.input('octant', 'float', ['m']);
  const first = TRUNK[0]!;
  const seen = firstLayer(graph, foldNetLayer(weights, first), inputPlanes(graph, tiles, octant));
  const kept = int8.quantise(seen, { least: 0, most: ranges.most(first.name) });
  const start = { ...kept, name: graph.node('Transpose', [kept.name], { perm: [0, 2, 3, 1] }) };
  const through = (x: Quantised, layers: readonly NetLayer[]): Quantised =>
    layers.reduce(
      (y, layer) => int8.convolution(foldNetLayer(weights, layer), y, ranges.most(layer.name)),
      x,
    );
  const code = through(start, TRUNK.slice(1));
  const lines = through(code, TRACKS_BRANCH);
  for (const [x, head, output] of [
    [code, BODY_HEAD, 'bodies'],
    [lines, TRACKS_HEAD, 'tracks'],
  ] as const) {
    const logits = int8.denseToFloat(foldHead(weights, head), x);
    graph.node('Transpose', [logits], { perm: [0, 3, 1, 2] }, output);
  }
  graph.output('bodies', 'float', ['m', BODIES.length, CELLS, CELLS]);
  graph.output('tracks', 'float', ['m', 1, TRACK_CELLS, TRACK_CELLS]);
  return graph.encode('selenoscan-hardware-int8');
}

function firstLayer(graph: OnnxGraph, layer: FoldedConvolution, planes: string): string {
  const { name, inputs, outputs, kernel, stride, pads, weight, bias } = layer;
  const convolved = graph.node(
    'Conv',
    [
      planes,
      graph.floats(`${name}.folded`, [outputs, inputs, kernel, kernel], weight),
      graph.floats(`${name}.folded_bias`, [outputs], bias),
    ],
    {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pads[0], pads[0], pads[1], pads[1]],
    },
  );
  return graph.node('Relu', [convolved]);
}
