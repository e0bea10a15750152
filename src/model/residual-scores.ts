import type { OnnxGraph } from './onnx-graph.js';
import { ONNX_TYPE } from './onnx-schema.js';
import { TILE_SIZE } from './architecture.js';

const AREA = TILE_SIZE * TILE_SIZE;
/** Standard deviation of the blur before the bright residual's maximum, and where it ends, pixels. */
const BRIGHT_SIGMA = 0.8;
const BRIGHT_RADIUS = 3;
/** The body that answers to the Sun's direction and its brightest place may lie this far apart, pixels. */
const PEAK_REACH = 2;

/** Values of a graph. */
export interface ResidualInputs {
  /** float [n, C, 64, 64] in 0..1 */
  readonly x: string;
  readonly reconstruction: string;
  /** float [n, 1, 64, 64], 1 = real data */
  readonly valid: string;
  readonly channels: number;
  /** uint8 [n, 2], x and y of a place; only with it is there a `bright_peak`. */
  readonly peak?: string;
}

/**
 * Adds the scores of the residual e = (x - reconstruction) * valid, each float [n]: `l2`, `bright` and, where a place
 * is given, `bright_peak`: the highest of e, averaged over channels and blurred by 0.8 px, within 2 px of it.
 */
export function residualScores(graph: OnnxGraph, inputs: ResidualInputs): void {
  const { x, reconstruction, valid, channels, peak } = inputs;
  const residual = graph.node('Mul', [graph.node('Sub', [x, reconstruction]), valid]);
  scoreL2(graph, residual, valid);
  const blurred = blur(graph, residual, channels);
  graph.node('ReduceMax', [blurred], { axes: [1, 2], keepdims: 0 }, 'bright');
  if (peak !== undefined) scorePeak(graph, blurred, peak);
}

function scoreL2(graph: OnnxGraph, residual: string, valid: string): void {
  const axes = graph.integers('tile_axes', [1, 2, 3]);
  const root = graph.node('ReduceL2', [graph.node('Flatten', [residual], { axis: 1 })], {
    axes: [1],
    keepdims: 0,
  });
  const count = graph.node('ReduceSum', [valid, axes], { keepdims: 0 });
  // A tile without valid pixels has no residual either: it scores 0 instead of 0/0.
  const counted = graph.node('Max', [count, graph.floats('one', [], [1])]);
  const scale = graph.node('Sqrt', [graph.node('Div', [graph.floats('pixels', [], [AREA]), counted])]);
  graph.node('Mul', [root, scale], {}, 'l2');
}

/** [n, C, 64, 64] to [n, 64, 64]. The blur is separable: two products with one banded matrix, faster than 49 taps. */
function blur(graph: OnnxGraph, residual: string, channels: number): string {
  const mean =
    channels === 1
      ? graph.node('Reshape', [residual, graph.integers('plane', [-1, TILE_SIZE, TILE_SIZE])])
      : graph.node('ReduceMean', [residual], { axes: [1], keepdims: 0 });
  const band = graph.floats('gaussian', [TILE_SIZE, TILE_SIZE], gaussianBand());
  return graph.node('MatMul', [band, graph.node('MatMul', [mean, band])]);
}

function scorePeak(graph: OnnxGraph, blurred: string, peak: string): void {
  const places = graph.node('Cast', [peak], { to: ONNX_TYPE.int64 });
  const around = Array.from({ length: 2 * PEAK_REACH + 1 }, (_, i) => i - PEAK_REACH);
  const [first, last] = [graph.integer('first', 0), graph.integer('last', TILE_SIZE - 1)];
  // Places beyond the tile's edge fall on it, where the window reaches anyway.
  const along = (axis: 0 | 1, name: string, offsets: readonly number[]): string => {
    const at = graph.node('Gather', [places, graph.integers(name, [axis])], { axis: 1 });
    const moved = graph.node('Add', [at, graph.integers(`${name}_offsets`, offsets)]);
    return graph.node('Clip', [moved, first, last]);
  };
  const column = along(
    0,
    'peak_x',
    around.flatMap(() => around),
  );
  const row = along(
    1,
    'peak_y',
    around.flatMap((dy) => around.map(() => dy)),
  );
  const rowStart = graph.node('Mul', [row, graph.integer('side', TILE_SIZE)]);
  const index = graph.node('Add', [rowStart, column]);
  const flat = graph.node('Reshape', [blurred, graph.integers('flat', [-1, AREA])]);
  const window = graph.node('GatherElements', [flat, index], { axis: 1 });
  graph.node('ReduceMax', [window], { axes: [1], keepdims: 0 }, 'bright_peak');
}

/** The blur along one line, `2 * radius + 1` weights that sum to one. */
export function blurWeights(): Float32Array {
  const line = Float64Array.from({ length: 2 * BRIGHT_RADIUS + 1 }, (_, i) =>
    Math.exp(-((i - BRIGHT_RADIUS) ** 2) / (2 * BRIGHT_SIGMA ** 2)),
  );
  const total = line.reduce((sum, value) => sum + value, 0);
  return Float32Array.from(line, (value) => value / total);
}

/** Row i holds the blur's weights around pixel i: zero beyond the tile, and 1 in all where none is cut off. */
export function gaussianBand(): Float32Array {
  const line = blurWeights();
  return Float32Array.from({ length: AREA }, (_, index) => {
    const apart = Math.abs(Math.floor(index / TILE_SIZE) - (index % TILE_SIZE));
    return line[BRIGHT_RADIUS + apart] ?? 0;
  });
}
