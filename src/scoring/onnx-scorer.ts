import { createRequire } from 'node:module';
import './engine-privacy.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OperationalError } from '../domain/errors.js';
import type { EngineInfo, Explanation, Scorer, TileBatch, VaeScores } from './scorer.js';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

const SCORE_OUTPUTS = ['l2', 'mu_norm', 'bright', 'reconstruction'] as const;
const ALL_OUTPUTS = [...SCORE_OUTPUTS, 'mu'] as const;

/**
 * Runs a model's ONNX graph on the CPU in fp32.
 *
 * The graph takes `tiles` uint8 [N, C, size, size] and `valid` uint8 [N, 1, size, size] and gives `l2`,
 * `mu_norm`, `bright` [N], `mu` [N, latent] and `reconstruction` [N, C, size, size]; bulk scoring fetches
 * all but the code. N workers with one thread each beat one session with N threads by 1.1-1.4.
 *
 * @throws OperationalError when the graph cannot be loaded or lacks one of these.
 */
export async function createOnnxScorer(o: {
  modelPath: string;
  threads: number;
  channels: number;
  tileSize: number;
}): Promise<Scorer> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(o.modelPath, {
      executionProviders: ['cpu'],
      intraOpNumThreads: o.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    throw new OperationalError(
      'model_graph',
      `${o.modelPath} cannot be loaded as an ONNX graph: export the model again.`,
      { cause },
    );
  }
  for (const [kind, wanted, present] of [
    ['input', ['tiles', 'valid'], session.inputNames],
    ['output', ALL_OUTPUTS, session.outputNames],
  ] as const) {
    const missing = wanted.find((name) => !present.includes(name));
    if (missing !== undefined) {
      await session.release();
      throw new OperationalError(
        'model_graph',
        `${o.modelPath} has no ${kind} named ${missing}: export the model again.`,
      );
    }
  }
  return new OnnxScorer(session, o.channels, o.tileSize);
}

class OnnxScorer implements Scorer {
  readonly info: EngineInfo = { engine: 'onnxruntime', device: 'cpu', version };
  readonly #session: InferenceSession;
  readonly #channels: number;
  readonly #size: number;

  constructor(session: InferenceSession, channels: number, size: number) {
    this.#session = session;
    this.#channels = channels;
    this.#size = size;
  }

  async score(batch: TileBatch): Promise<VaeScores> {
    return this.#run(batch, SCORE_OUTPUTS);
  }

  async explain(batch: TileBatch): Promise<Explanation> {
    return this.#run(batch, ALL_OUTPUTS);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #run(batch: TileBatch, outputs: typeof SCORE_OUTPUTS): Promise<VaeScores>;
  async #run(batch: TileBatch, outputs: typeof ALL_OUTPUTS): Promise<Explanation>;
  async #run(batch: TileBatch, outputs: readonly string[]): Promise<VaeScores | Explanation> {
    const { count } = batch;
    const size = this.#size;
    const pixels = batch.pixels.subarray(0, count * this.#channels * size * size);
    const valid = batch.valid.subarray(0, count * size * size);
    const results = await this.#session.run(
      {
        tiles: new Tensor('uint8', pixels, [count, this.#channels, size, size]),
        valid: new Tensor('uint8', valid, [count, 1, size, size]),
      },
      [...outputs],
    );
    const floats = (name: string): Float32Array => results[name]!.data as Float32Array;
    const scores = {
      l2: floats('l2'),
      muNorm: floats('mu_norm'),
      bright: floats('bright'),
      reconstruction: floats('reconstruction'),
    };
    return outputs === ALL_OUTPUTS ? { ...scores, mu: floats('mu') } : scores;
  }
}
