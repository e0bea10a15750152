import { activationOf } from './activation-names.js';
import { OnnxGraph } from './onnx-graph.js';
import { ONNX_TYPE } from './onnx-schema.js';
import { residualScores } from './residual-scores.js';
import type { StoredTensor } from './safetensors.js';
import { type Architecture, TILE_SIZE } from './architecture.js';
import { type ConvolutionLayer, type DenseLayer, NORM_EPSILON, vaeLayers } from './vae-layers.js';

/**
 * The scorer as an ONNX graph. Its weights stay in `weightsFile` beside it (ONNX external data), so that there is
 * one copy of them.
 *
 * Inputs: `tiles` uint8 [n, C, 64, 64] and `valid` uint8 [n, 1, 64, 64] (1 = real data).
 * Outputs, float32, with x = tiles / 255, e = (x - decode(mu)) * valid:
 * - `l2` [n]: sqrt(sum of e^2 * 4096 / number of valid pixels), the paper's score (section 2.2);
 * - `mu_norm` [n]: Euclidean norm of mu, its second score;
 * - `bright` [n]: maximum of e, averaged over channels and blurred by 0.8 px;
 * - `mu` [n, latent]; `reconstruction` [n, C, 64, 64] in 0..1.
 */
export function exportScorer(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
  weightsFile: string,
): Buffer {
  const { channels, latent } = architecture;
  const layers = vaeLayers(architecture);
  const graph = new OnnxGraph();
  const weight = (name: string): string => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`The weights have no ${name}.`);
    return graph.weight(name, stored, weightsFile);
  };
  const tile = ['n', channels, TILE_SIZE, TILE_SIZE] as const;
  const tiles = graph.input('tiles', 'uint8', tile);
  const validBytes = graph.input('valid', 'uint8', ['n', 1, TILE_SIZE, TILE_SIZE]);
  const x = graph.node('Div', [toFloat(graph, tiles), graph.floats('255', [], [255])]);
  const valid = toFloat(graph, validBytes);

  let y = x;
  for (const layer of layers.encoder) y = convolution(graph, layer, y, weight);
  const mu = dense(graph, layers.mu, graph.node('Flatten', [y], { axis: 1 }), weight, 'mu');
  const first = layers.decoder[0];
  if (first === undefined) throw new Error('The decoder has no layers.');
  const denseCode = dense(graph, layers.decoderDense, mu, weight);
  const code = graph.node('Relu', [denseCode], {}, activationOf(layers.decoderDense.name));
  y = graph.node('Reshape', [code, graph.integers('code_shape', [-1, first.inputs, first.size, first.size])]);
  for (const layer of layers.decoder) y = convolution(graph, layer, y, weight);
  const reconstruction = graph.node('Identity', [y], {}, 'reconstruction');

  graph.node('ReduceL2', [mu], { axes: [1], keepdims: 0 }, 'mu_norm');
  residualScores(graph, { x, reconstruction, valid, channels });

  for (const name of ['l2', 'mu_norm', 'bright']) graph.output(name, 'float', ['n']);
  graph.output('mu', 'float', ['n', latent]);
  graph.output('reconstruction', 'float', tile);
  return graph.encode('selenoscan-vae');
}

export function convolution(
  graph: OnnxGraph,
  layer: ConvolutionLayer,
  x: string,
  weight: (name: string) => string,
): string {
  const { name, stride } = layer;
  const plain = layer.kind === 'convolution';
  const kernel = weight(`${name}.weight`);
  const inputs = [x, plain || stride > 1 ? kernel : mirrored(graph, name, kernel)];
  if (layer.ending === 'bias-sigmoid') inputs.push(weight(`${name}.bias`));
  const sizes = { kernel_shape: [3, 3], strides: [stride, stride], pads: [1, 1, 1, 1] };
  const y =
    plain || stride === 1
      ? graph.node('Conv', inputs, sizes)
      : graph.node('ConvTranspose', inputs, { ...sizes, output_padding: [stride - 1, stride - 1] });
  if (layer.ending === 'bias-sigmoid') return graph.node('Sigmoid', [y]);
  const norm = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    weight(`${name}.norm.${part}`),
  );
  const normed = graph.node('BatchNormalization', [y, ...norm], { epsilon: NORM_EPSILON });
  return graph.node('Relu', [normed], {}, activationOf(name));
}

/**
 * A transposed convolution of stride 1 is a convolution with its kernel turned by 180 degrees and its channels
 * exchanged, which engines compute faster and fold the normalisation into. The engine turns it once, at load.
 *
 * @param kernel [in, out, 3, 3] @returns [out, in, 3, 3]
 */
function mirrored(graph: OnnxGraph, name: string, kernel: string): string {
  const exchanged = graph.node('Transpose', [kernel], { perm: [1, 0, 2, 3] });
  const last = graph.integers(`${name}.last`, [-1, -1]);
  const beforeFirst = graph.integers(`${name}.before_first`, [-4, -4]);
  const axes = graph.integers(`${name}.axes`, [2, 3]);
  return graph.node('Slice', [exchanged, last, beforeFirst, axes, last]);
}

export function dense(
  graph: OnnxGraph,
  layer: DenseLayer,
  x: string,
  weight: (name: string) => string,
  output?: string,
): string {
  return graph.node(
    'Gemm',
    [x, weight(`${layer.name}.weight`), weight(`${layer.name}.bias`)],
    { transB: 1 },
    output,
  );
}

function toFloat(graph: OnnxGraph, name: string): string {
  return graph.node('Cast', [name], { to: ONNX_TYPE.float });
}
