import './engine-privacy.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OperationalError } from '../domain/errors.js';

/** Where tiles lie in latent space: a normal distribution each. */
export interface LatentCodes {
  /** `count * latent`. */
  readonly mu: Float32Array;
  /** `count * latent`, natural logarithm of the variance. */
  readonly logvar: Float32Array;
}

/** The two halves of a VAE, each to be used by itself. */
export interface LatentEngine {
  /** @param pixels `count * channels * size * size` DN, channel by channel, filled where there is no data */
  encode(pixels: Uint8Array, count: number): Promise<LatentCodes>;
  /** @param codes `count * latent` @returns `count * channels * size * size`, 0..1 */
  decode(codes: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface LatentEngineOptions {
  /** ONNX graphs: `tiles` to `mu` and `logvar`, and `mu` to `reconstruction`. */
  readonly encoder: Uint8Array;
  readonly decoder: Uint8Array;
  /** The file that both graphs read their weights from. */
  readonly weights: { readonly file: string; readonly bytes: Uint8Array };
  readonly channels: number;
  readonly latent: number;
  readonly tileSize: number;
  readonly threads: number;
}

/** @throws OperationalError when a graph cannot be loaded */
export async function createLatentEngine(o: LatentEngineOptions): Promise<LatentEngine> {
  const { channels, latent, tileSize: size } = o;
  const load = (graph: Uint8Array): Promise<InferenceSession> =>
    InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: o.threads,
      interOpNumThreads: 1,
      externalData: [{ path: o.weights.file, data: o.weights.bytes }],
    }).catch((cause: unknown) => {
      throw new OperationalError(
        'model_graph',
        'The halves of the model cannot be loaded as ONNX graphs: fetch or train the model again.',
        { cause },
      );
    });
  const encoder = await load(o.encoder);
  const decoder = await load(o.decoder);
  return {
    async encode(pixels, count) {
      const tiles = new Tensor('uint8', pixels, [count, channels, size, size]);
      const { mu, logvar } = await encoder.run({ tiles }, ['mu', 'logvar']);
      return { mu: mu!.data as Float32Array, logvar: logvar!.data as Float32Array };
    },
    async decode(codes, count) {
      const mu = new Tensor('float32', codes, [count, latent]);
      const { reconstruction } = await decoder.run({ mu }, ['reconstruction']);
      return reconstruction!.data as Float32Array;
    },
    async close() {
      await encoder.release();
      await decoder.release();
    },
  };
}
