import { readFile } from 'node:fs/promises';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { MODEL_FILES, type ModelFolder } from '../../../src/model/load-model-folder.js';
import { decodeModel, encodeModel, ONNX_TYPE } from '../../../src/model/onnx-schema.js';
import { extractSubgraph } from '../../../src/model/onnx-subgraph.js';
import { TILE } from '../score-picture.js';

/** What the encoder says of a tile. */
export interface Encoded {
  /** The latent mean. */
  readonly mu: Float32Array;
  /** Feature maps, `channels` of `side` x `side`. */
  readonly features: Float32Array;
  readonly channels: number;
  readonly side: number;
}

const BATCH = 64;

/** A model's encoder alone, cut out of its scoring graph: feature maps before the latent code, and the code. */
export class Encoder {
  readonly #session: InferenceSession;
  readonly #features: string;
  readonly #channels: number;

  private constructor(session: InferenceSession, features: string, channels: number) {
    this.#session = session;
    this.#features = features;
    this.#channels = channels;
  }

  static async open(model: ModelFolder, threads: number): Promise<Encoder> {
    const graph = decodeModel(await readFile(model.onnxPath));
    const made = (value: string) => graph.graph.node.find(({ output }) => output.includes(value));
    const flat = made('mu')?.input[0] ?? '';
    const flatten = made(flat);
    const features = flatten?.opType === 'Flatten' ? flatten.input[0] : undefined;
    const input = graph.graph.input.find(({ name }) => name === 'tiles');
    const mu = graph.graph.output.find(({ name }) => name === 'mu');
    if (features === undefined || input === undefined || mu === undefined)
      throw new Error(`${model.onnxPath} has no encoder with flattened features`);
    const dim = ['n', 'c', 'h', 'w'].map((dimParam) => ({ dimParam }));
    const output = {
      name: features,
      type: { tensorType: { elemType: ONNX_TYPE.float, shape: { dim } } },
    };
    const bytes = encodeModel(extractSubgraph(graph, [input], [mu, output]));
    const session = await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      externalData: [{ path: MODEL_FILES.weights, data: await readFile(model.weightsPath) }],
    });
    return new Encoder(session, features, model.manifest.architecture.channels);
  }

  /** @param pixels tiles one after the other, each made into a value by `use` */
  async encode(pixels: Uint8Array, use: (encoded: Encoded, index: number) => void): Promise<void> {
    const area = TILE * TILE;
    const count = pixels.length / area;
    for (let from = 0; from < count; from += BATCH) {
      const size = Math.min(BATCH, count - from);
      const tiles = new Uint8Array(size * this.#channels * area);
      for (let i = 0; i < size * this.#channels; i++) {
        const tile = from + Math.floor(i / this.#channels);
        tiles.set(pixels.subarray(tile * area, (tile + 1) * area), i * area);
      }
      const results = await this.#session.run({
        tiles: new Tensor('uint8', tiles, [size, this.#channels, TILE, TILE]),
      });
      const maps = results[this.#features]!;
      const [, channels = 0, side = 0] = maps.dims;
      const features = maps.data as Float32Array;
      const mu = results['mu']!.data as Float32Array;
      const parts = { features: features.length / size, mu: mu.length / size };
      for (let i = 0; i < size; i++)
        use(
          {
            mu: mu.slice(i * parts.mu, (i + 1) * parts.mu),
            features: features.subarray(i * parts.features, (i + 1) * parts.features),
            channels,
            side,
          },
          from + i,
        );
    }
  }

  close(): Promise<void> {
    return this.#session.release();
  }
}
