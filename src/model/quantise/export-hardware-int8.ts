import { inputParts } from '../export-hardware.js';
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
import { TILE_SIZE } from '../architecture.js';
import type { Weights } from '../weights.js';
import { foldHead, foldNetLayer } from './folded-layers.js';
import { Int8Layers, type Quantised } from './int8-graph.js';
import type { ActivationRanges } from './ranges.js';
import { steeredLayer } from './steered-layer.js';

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
  const input = { ...inputParts(graph, tiles, octant), side: TILE_SIZE };
  const start = steeredLayer(graph, int8, foldNetLayer(weights, first), input, ranges.of(first.name));
  const through = (x: Quantised, layers: readonly NetLayer[]): Quantised =>
    layers.reduce((y, layer) => int8.convolution(foldNetLayer(weights, layer), y, ranges.of(layer.name)), x);
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
