import { readFile } from 'node:fs/promises';
import { OperationalError } from '../domain/errors.js';
import { MODEL_FILES, type ModelFolder } from './load-model-folder.js';
import { OnnxGraph } from './onnx-graph.js';
import { decodeModel, encodeModel, type ModelProto } from './onnx-schema.js';
import { extractSubgraph, joinGraphs } from './onnx-subgraph.js';
import { locateTensors, type StoredTensor } from './safetensors.js';

/** The two halves of a model's VAE as ONNX graphs; their weights are read from `weights`. */
export interface LatentGraphs {
  /** `tiles` uint8 [n, C, size, size] to `mu` and `logvar`, float32 [n, latent]. */
  readonly encoder: Uint8Array;
  /** `mu`, any code, float32 [n, latent] to `reconstruction`, float32 [n, C, size, size] in 0..1. */
  readonly decoder: Uint8Array;
  /** The file that both graphs name, and its bytes. */
  readonly weights: { readonly file: string; readonly bytes: Uint8Array };
}

/**
 * Parts the scorer's graph of a model folder at the latent code, so that any code can be decoded, and adds the
 * code's spread, which scoring does without.
 *
 * @throws OperationalError (`bad_model`) when the graph is not that of a VAE
 */
export async function loadLatentGraphs({
  onnxPath,
  weightsPath,
  manifest,
}: ModelFolder): Promise<LatentGraphs> {
  const [graph, bytes] = await Promise.all([readFile(onnxPath), readFile(weightsPath)]);
  try {
    const { latent } = manifest.architecture;
    return {
      ...splitScorer(graph, locateTensors(bytes, MODEL_FILES.weights), latent),
      weights: { file: MODEL_FILES.weights, bytes },
    };
  } catch (cause) {
    throw new OperationalError(
      'bad_model',
      `${onnxPath} is not the graph of an encoder and a decoder: fetch or train the model again.`,
      { cause },
    );
  }
}

/**
 * @param scorer graph as `exportScorer` writes it
 * @param tensors of its weights file, `logvar.weight` and `logvar.bias` among them
 * @param latent length of the code
 */
export function splitScorer(
  scorer: Uint8Array,
  tensors: ReadonlyMap<string, StoredTensor>,
  latent: number,
): { readonly encoder: Uint8Array; readonly decoder: Uint8Array } {
  const model = decodeModel(scorer);
  const { node, input, output } = model.graph;
  const tiles = input.find(({ name }) => name === 'tiles');
  const code = output.find(({ name }) => name === 'mu');
  const reconstruction = output.find(({ name }) => name === 'reconstruction');
  const mean = node.find((one) => one.output.includes('mu'));
  const features = mean?.input[0];
  if (tiles === undefined || code === undefined || reconstruction === undefined || features === undefined)
    throw new Error('The graph lacks tiles, mu or reconstruction.');
  const encoder = joinGraphs(extractSubgraph(model, [tiles], [code]), spreadHead(features, tensors, latent));
  const decoder = extractSubgraph(model, [code], [reconstruction]);
  return { encoder: encodeModel(encoder), decoder: encodeModel(decoder) };
}

/** The dense layer that gives the logarithm of the code's variance, on the features that give its mean. */
function spreadHead(
  features: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  latent: number,
): ModelProto {
  const graph = new OnnxGraph();
  const [weight, bias] = ['logvar.weight', 'logvar.bias'].map((name) => {
    const stored = tensors.get(name);
    if (stored === undefined) throw new Error(`The weights have no ${name}.`);
    return graph.weight(name, stored, MODEL_FILES.weights);
  });
  graph.node('Gemm', [features, weight!, bias!], { transB: 1 }, 'logvar');
  graph.output('logvar', 'float', ['n', latent]);
  return decodeModel(graph.encode('spread'));
}
