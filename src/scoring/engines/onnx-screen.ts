import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { HARDWARE_INPUTS, HARDWARE_OUTPUTS, logitsOf, openSession } from './onnx-session.js';
import type { CellLogits, PeakScores, TileBatch, TurnedBatch } from '../scorer.js';

const INPUTS = ['tiles', 'valid', 'peak'] as const;
const OUTPUTS = ['l2', 'mu_norm', 'bright', 'bright_peak'] as const;

/** Where a model's graphs in whole numbers lie. */
export interface ScreenPaths {
  readonly scorerPath: string;
  /** Null where the model has no learned scorer. */
  readonly hardwarePath: string | null;
}

/**
 * Runs a model's graphs in whole numbers on the CPU: scores within the bounds that the model's folder states, at a
 * fraction of the cost.
 */
export class OnnxScreen {
  readonly #scorer: InferenceSession;
  readonly #net: InferenceSession | null;
  readonly #channels: number;
  readonly #size: number;
  /** Absent where the model has no learned scorer. */
  readonly hardware?: (batch: TurnedBatch) => Promise<CellLogits>;

  private constructor(
    scorer: InferenceSession,
    net: InferenceSession | null,
    channels: number,
    size: number,
  ) {
    this.#scorer = scorer;
    this.#net = net;
    this.#channels = channels;
    this.#size = size;
    if (net) this.hardware = (batch) => logitsOf(net, batch, size);
  }

  /** @throws OperationalError when a graph cannot be loaded or lacks an input or output. */
  static async open(
    { scorerPath, hardwarePath }: ScreenPaths,
    o: { threads: number; channels: number; tileSize: number },
  ): Promise<OnnxScreen> {
    const scorer = await openSession(scorerPath, { threads: o.threads }, INPUTS, OUTPUTS);
    const net =
      hardwarePath === null
        ? null
        : await openSession(hardwarePath, { threads: o.threads }, HARDWARE_INPUTS, HARDWARE_OUTPUTS);
    return new OnnxScreen(scorer, net, o.channels, o.tileSize);
  }

  /** @param peaks `2 * count`: x and y of a place in each tile, pixels from its upper-left one */
  async scores({ count, pixels, valid }: TileBatch, peaks: Uint8Array): Promise<PeakScores> {
    const size = this.#size;
    const channels = this.#channels;
    const tile = [count, channels, size, size];
    const results = await this.#scorer.run({
      tiles: new Tensor('uint8', pixels.subarray(0, count * channels * size * size), tile),
      valid: new Tensor('uint8', valid.subarray(0, count * size * size), [count, 1, size, size]),
      peak: new Tensor('uint8', peaks.subarray(0, 2 * count), [count, 2]),
    });
    const floats = (name: (typeof OUTPUTS)[number]): Float32Array => results[name]!.data as Float32Array;
    return {
      l2: floats('l2'),
      muNorm: floats('mu_norm'),
      bright: floats('bright'),
      brightPeak: floats('bright_peak'),
    };
  }

  async close(): Promise<void> {
    await this.#scorer.release();
    await this.#net?.release();
  }
}
