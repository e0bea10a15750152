import { head, ofSquares, reluOf, SQUARE_VALUES } from '../../src/model/export-openvino-net.js';
import {
  BODIES,
  BODY_HEAD,
  CELLS,
  hardwareShapes,
  TRACK_CELLS,
  TRACKS_BRANCH,
  TRACKS_HEAD,
  TRUNK,
} from '../../src/model/hardware-net.js';
import { OnnxGraph } from '../../src/model/onnx-graph.js';
import { ONNX_TYPE } from '../../src/model/onnx-schema.js';
import { foldHead, foldNetLayer } from '../../src/model/quantise/folded-layers.js';
import { TILE_SIZE } from '../../src/model/architecture.js';
import type { Weights } from '../../src/model/weights.js';
import { BORDER_CELLS } from '../../src/scoring/hardware-logits.js';

export interface StripNetOptions {
  /** Pixels, multiples of 8. */
  readonly lines: number;
  readonly samples: number;
  /** Between tiles, a multiple of 8 pixels. */
  readonly stride: number;
  readonly tracks: boolean;
  readonly type: 'bfloat16' | 'float';
}

/**
 * The layers of `exportOpenVinoNet` over a whole strip, with zeros around the strip and not around its tiles.
 *
 * Input: `planes` [1, lines / 2, samples / 2, 17] of `StripPlanes`. Outputs, of the tiles of the strip, row by row:
 * `tops` float [1, 2, rows, columns], the highest logits of a lander and of something small in a cell that does not
 * lie along a tile's border, and where it is asked for `topTracks` float [1, 1, rows, columns].
 */
export function exportStripNet(weights: Weights, o: StripNetOptions): Buffer {
  for (const name of hardwareShapes().keys())
    if (!weights.has(name)) throw new Error(`The weights have no ${name}.`);
  const graph = new OnnxGraph();
  const planes = graph.input('planes', o.type, [1, o.lines / 2, o.samples / 2, SQUARE_VALUES]);
  const floats = o.type === 'float' ? planes : graph.node('Cast', [planes], { to: ONNX_TYPE.float });
  const channelsFirst = graph.node('Transpose', [floats], { perm: [0, 3, 1, 2] });
  const [first, ...others] = TRUNK.map((layer) => foldNetLayer(weights, layer));
  const code = [ofSquares(first!), ...others].reduce((y, layer) => reluOf(graph, layer, y), channelsFirst);
  const cells = head(graph, foldHead(weights, BODY_HEAD), code);
  const from = graph.integers('from_cell', [BORDER_CELLS, BORDER_CELLS]);
  const to = graph.integers('to_cell', [o.lines, o.samples]);
  const inner = graph.node('Slice', [cells, from, to, graph.integers('cell_axes', [2, 3])]);
  highestOfTiles(graph, inner, CELLS - 2 * BORDER_CELLS, (o.stride * CELLS) / TILE_SIZE, 'tops');
  const shape = (heads: number): number[] => [
    ...[1, heads],
    ...[o.lines, o.samples].map((side) => (side - TILE_SIZE) / o.stride + 1),
  ];
  graph.output('tops', 'float', shape(BODIES.length));
  if (o.tracks) {
    const branch = TRACKS_BRANCH.map((layer) => foldNetLayer(weights, layer));
    const lines = head(
      graph,
      foldHead(weights, TRACKS_HEAD),
      branch.reduce((y, layer) => reluOf(graph, layer, y), code),
    );
    highestOfTiles(graph, lines, TRACK_CELLS, (o.stride * TRACK_CELLS) / TILE_SIZE, 'topTracks');
    graph.output('topTracks', 'float', shape(1));
  }
  return graph.encode('selenoscan-hardware-strip');
}

/** @param side,stride of tiles, cells */
function highestOfTiles(graph: OnnxGraph, cells: string, side: number, stride: number, output: string): void {
  const across = graph.node('MaxPool', [cells], { kernel_shape: [1, side], strides: [1, stride] });
  graph.node('MaxPool', [across], { kernel_shape: [side, 1], strides: [stride, 1] }, output);
}
