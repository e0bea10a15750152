import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import { blurWeights } from '../../model/residual-scores.js';
import type { TensorFlow } from '../../model/tensorflow.js';
import { TILE_SIZE } from '../../model/architecture.js';
import { PEAK_REACH_PX } from '../residual-peak.js';
import type { ScoringVae } from './tensorflow-vae.js';

const AREA = TILE_SIZE * TILE_SIZE;

/** What the VAE says of tiles, as tensors: the scores [n], and what they are made of. */
export interface ScoreTensors {
  readonly l2: tfjs.Tensor1D;
  readonly muNorm: tfjs.Tensor1D;
  readonly bright: tfjs.Tensor1D;
  /** The residual, averaged over channels and blurred by 0.8 px: [n, 64, 64]. */
  readonly blurred: tfjs.Tensor3D;
  readonly mu: tfjs.Tensor2D;
  /** [n, 64, 64, C] */
  readonly reconstruction: tfjs.Tensor4D;
}

/** The named scores of the ONNX graph (see `exportScorer`), computed by TensorFlow. */
export class ScoreMaker {
  readonly #tf: TensorFlow;
  readonly #vae: Pick<ScoringVae, 'reconstruct'>;
  readonly #kernel: tfjs.Tensor4D;
  readonly #columns: tfjs.Tensor3D;
  readonly #rows: tfjs.Tensor3D;

  constructor(tf: TensorFlow, vae: Pick<ScoringVae, 'reconstruct'>) {
    this.#tf = tf;
    this.#vae = vae;
    const weights = blurWeights();
    const side = weights.length;
    const square = Float32Array.from(
      { length: side * side },
      (_, i) => weights[Math.floor(i / side)]! * weights[i % side]!,
    );
    this.#kernel = tf.tensor4d(square, [side, side, 1, 1]);
    const places = Float32Array.from({ length: TILE_SIZE }, (_, i) => i);
    this.#columns = tf.tensor3d(places, [1, 1, TILE_SIZE]);
    this.#rows = tf.tensor3d(places, [1, TILE_SIZE, 1]);
  }

  /** @param tiles [n, 64, 64, C] in 0..1 @param valid [n, 64, 64, 1], 1 = real data; null where all of it is */
  score(tiles: tfjs.Tensor4D, valid: tfjs.Tensor4D | null): ScoreTensors {
    const { mu, reconstruction } = this.#vae.reconstruct(tiles);
    const difference = tiles.sub<tfjs.Tensor4D>(reconstruction);
    const residual = valid ? difference.mul<tfjs.Tensor4D>(valid) : difference;
    const squared = residual.square().sum<tfjs.Tensor1D>([1, 2, 3]);
    // A tile without valid pixels has no residual either: it scores 0 instead of 0/0.
    const scaled = valid ? squared.mul(AREA).div<tfjs.Tensor1D>(valid.sum([1, 2, 3]).maximum(1)) : squared;
    const mean = tiles.shape[3] === 1 ? residual : residual.mean<tfjs.Tensor4D>(3, true);
    const blurred = this.#tf
      .conv2d(mean, this.#kernel, 1, 'same')
      .reshape<tfjs.Tensor3D>([-1, TILE_SIZE, TILE_SIZE]);
    return {
      l2: scaled.sqrt(),
      muNorm: mu.square().sum<tfjs.Tensor1D>([1]).sqrt(),
      bright: blurred.max<tfjs.Tensor1D>([1, 2]),
      ...{ blurred, mu, reconstruction },
    };
  }

  /** The most of the blurred residual near each tile's place, [n]. @param peaks [n, 2]: x and y in the tile */
  peak(blurred: tfjs.Tensor3D, peaks: tfjs.Tensor2D): tfjs.Tensor1D {
    const tf = this.#tf;
    const [x, y] = tf.split(peaks, 2, 1).map((part) => part.reshape<tfjs.Tensor3D>([-1, 1, 1]));
    const near = (line: tfjs.Tensor3D, place: tfjs.Tensor3D): tfjs.Tensor =>
      line.sub(place).abs().lessEqual(PEAK_REACH_PX);
    const inside = near(this.#columns, x!).logicalAnd(near(this.#rows, y!));
    return tf.where(inside, blurred, tf.fill(blurred.shape, -Infinity)).max<tfjs.Tensor1D>([1, 2]);
  }

  dispose(): void {
    this.#kernel.dispose();
    this.#columns.dispose();
    this.#rows.dispose();
  }
}
