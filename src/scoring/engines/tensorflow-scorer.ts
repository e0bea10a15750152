import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { readFile } from 'node:fs/promises';
import { OperationalError } from '../../domain/errors.js';
import { readSafetensors } from '../../model/safetensors.js';
import { describeTensorFlow, loadTensorFlow, type TensorFlow } from '../../model/tensorflow.js';
import { type Architecture, TILE_SIZE } from '../../model/architecture.js';
import type {
  CellLogits,
  EngineInfo,
  Explanation,
  PeakScores,
  Scorer,
  StripPixels,
  StripScores,
  StripTiles,
  TileBatch,
  TurnedBatch,
  VaeScores,
} from '../scorer.js';
import type { EngineDevice } from './engine-spec.js';
import { ScoringHardwareNet } from './tensorflow-hardware.js';
import { ScoreMaker } from './tensorflow-scores.js';
import { scoreStripTiles } from './tensorflow-strip.js';
import { uploadBytes } from './tensorflow-upload.js';
import { ScoringVae } from './tensorflow-vae.js';

/** Planar pixels [n, C, h, w] to [n, h, w, C], and back. */
const TO_PIXELS = [0, 2, 3, 1];
const TO_PLANES = [0, 3, 1, 2];

/**
 * A model on TensorFlow in fp32, with the outputs of the ONNX graphs. Tiles are scored one call after the other, in
 * the thread that calls.
 *
 * @param o.device `gpu` where the device must be one.
 * @throws OperationalError where TensorFlow is not built, or has no GPU although it must.
 */
export async function createTensorFlowScorer(o: {
  network: { readonly weightsPath: string; readonly architecture: Architecture };
  hardwarePath: string | null;
  channels: number;
  device: EngineDevice;
}): Promise<Scorer> {
  const tf = await loadTensorFlow();
  const { version, device } = describeTensorFlow(tf);
  const found = device === 'cuda' ? 'gpu' : 'cpu';
  if (o.device === 'gpu' && found !== 'gpu')
    throw new OperationalError(
      'no_gpu',
      'TensorFlow has no GPU at work: check the driver with nvidia-smi and build the engine by `npm run engine:tensorflow -- cuda`, or set scoring.device to auto.',
    );
  const { weightsPath, architecture } = o.network;
  const weights = readSafetensors(await readFile(weightsPath), weightsPath);
  const vae = new ScoringVae(tf, architecture, weights);
  const net = o.hardwarePath === null ? null : new ScoringHardwareNet(tf, weights);
  return new TensorFlowScorer(tf, { engine: 'tensorflow', device: found, version }, vae, net, o.channels);
}

class TensorFlowScorer implements Scorer {
  readonly info: EngineInfo;
  readonly hardware?: (batch: TurnedBatch) => Promise<CellLogits>;
  readonly #tf: TensorFlow;
  readonly #vae: ScoringVae;
  readonly #net: ScoringHardwareNet | null;
  readonly #scores: ScoreMaker;
  readonly #channels: number;

  constructor(
    tf: TensorFlow,
    info: EngineInfo,
    vae: ScoringVae,
    net: ScoringHardwareNet | null,
    channels: number,
  ) {
    this.#tf = tf;
    this.info = info;
    this.#vae = vae;
    this.#net = net;
    this.#scores = new ScoreMaker(tf, vae);
    this.#channels = channels;
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must be a rejection
    if (net) this.hardware = async (batch) => this.#cells(net, batch);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must be a rejection
  async score(batch: TileBatch): Promise<VaeScores> {
    return this.#read(() => this.#named(batch));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must be a rejection
  async explain(batch: TileBatch): Promise<Explanation> {
    return this.#read(() => {
      const { mu, ...scores } = this.#run(batch);
      return { ...this.#planar(scores), mu };
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws must be a rejection
  async scoreAt(batch: TileBatch, peaks: Uint8Array): Promise<PeakScores> {
    const { count } = batch;
    return this.#read(() => {
      const { l2, muNorm, bright, blurred } = this.#run(batch);
      const places = uploadBytes<tfjs.Tensor2D>(this.#tf, peaks.subarray(0, 2 * count), [count, 2]);
      return { l2, muNorm, bright, brightPeak: this.#scores.peak(blurred, places) };
    });
  }

  scoreStrip(
    strip: StripPixels,
    tiles: StripTiles,
    batch: number,
    signal?: AbortSignal,
  ): Promise<StripScores> {
    const networks = { scores: this.#scores, net: this.#net, channels: this.#channels };
    return scoreStripTiles(this.#tf, networks, strip, tiles, batch, signal);
  }

  close(): Promise<void> {
    this.#vae.dispose();
    this.#net?.dispose();
    this.#scores.dispose();
    return Promise.resolve();
  }

  #named(batch: TileBatch): Record<keyof VaeScores, tfjs.Tensor> {
    return this.#planar(this.#run(batch));
  }

  /** Channel by channel, as every engine gives pictures. */
  #planar<T extends { reconstruction: tfjs.Tensor }>({
    l2,
    muNorm,
    bright,
    reconstruction,
  }: T & Record<'l2' | 'muNorm' | 'bright', tfjs.Tensor>): Record<keyof VaeScores, tfjs.Tensor> {
    const planes = this.#channels === 1 ? reconstruction : reconstruction.transpose(TO_PLANES);
    return { l2, muNorm, bright, reconstruction: planes };
  }

  #run({ count, pixels, valid }: TileBatch): ReturnType<ScoreMaker['score']> {
    const channels = this.#channels;
    const area = TILE_SIZE * TILE_SIZE;
    const shape = [count, channels, TILE_SIZE, TILE_SIZE];
    const planes = uploadBytes<tfjs.Tensor4D>(this.#tf, pixels.subarray(0, count * channels * area), shape);
    const tiles =
      channels === 1
        ? planes.reshape<tfjs.Tensor4D>([count, TILE_SIZE, TILE_SIZE, 1])
        : planes.transpose<tfjs.Tensor4D>(TO_PIXELS);
    const flags = uploadBytes<tfjs.Tensor4D>(this.#tf, valid.subarray(0, count * area), [
      ...[count, TILE_SIZE, TILE_SIZE, 1],
    ]);
    return this.#scores.score(tiles.div(255), flags);
  }

  #cells(net: ScoringHardwareNet, { count, pixels, octants }: TurnedBatch): CellLogits {
    return this.#read(() => {
      const shape = [count, TILE_SIZE, TILE_SIZE, 1];
      const tiles = uploadBytes<tfjs.Tensor4D>(this.#tf, pixels.subarray(0, count * TILE_SIZE ** 2), shape);
      const u = this.#tf.tensor1d(octants.slice(0, count));
      const { bodies, tracks } = net.logits(tiles.div(255), u);
      return { bodies: bodies.transpose(TO_PLANES), tracks };
    });
  }

  /** Computes in a tidy, then takes the numbers out of the tensors that come back. */
  #read<K extends string>(compute: () => Record<K, tfjs.Tensor>): Record<K, Float32Array> {
    const tensors = this.#tf.tidy(compute);
    try {
      const entries = Object.entries<tfjs.Tensor>(tensors);
      return Object.fromEntries(entries.map(([name, tensor]) => [name, tensor.dataSync()])) as Record<
        K,
        Float32Array
      >;
    } finally {
      this.#tf.dispose(tensors);
    }
  }
}
