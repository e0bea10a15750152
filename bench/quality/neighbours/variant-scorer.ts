import type * as tfjs from '@tensorflow/tfjs-node-gpu';
import type { TileParts } from '../../../src/domain/tile.js';
import type { TensorFlow } from '../../../src/model/tensorflow.js';
import { TILE_SIZE } from '../../../src/model/architecture.js';
import { Vae } from '../../../src/model/vae.js';
import type { Weights } from '../../../src/model/weights.js';
import { ScoreMaker } from '../../../src/scoring/engines/tensorflow-scores.js';
import { pickParts } from '../../../src/scoring/pick-parts.js';
import { TileInspector } from '../../../src/tiling/inspect-tile.js';
import { DEFAULT_MASKS } from '../../../src/tiling/mask-options.js';
import { findNullPixels } from '../../../src/tiling/null-pixels.js';
import type { Grey } from '../render/ground.js';
import { gridOf } from '../score-picture.js';
import { ARCHITECTURE } from './train-variant.js';
import { copyWindow } from './windows.js';

const BATCH = 64;

/** The parts of a tile's scores that the VAE decides, by one variant of it. */
export class VariantScorer {
  readonly #tf: TensorFlow;
  readonly #margin: number;
  readonly #vae: Vae;
  readonly #scores: ScoreMaker;
  /** What the encoder sees of the tiles that are scored. */
  #windows: tfjs.Tensor4D | undefined;

  /** @param margin pixels that the encoder sees around a tile */
  constructor(tf: TensorFlow, margin: number, weights: Weights) {
    this.#tf = tf;
    this.#margin = margin;
    this.#vae = new Vae(tf, ARCHITECTURE, weights);
    this.#scores = new ScoreMaker(tf, {
      reconstruct: (tiles) => this.#vae.reconstruct(this.#windows ?? tiles),
    });
  }

  /**
   * Parts of some tiles of a picture, in their order.
   *
   * @param parts of all its tiles: what the VAE does not decide, and where TRI peaks
   * @param tiles unmasked ones
   */
  score(picture: Grey, parts: TileParts, tiles: readonly number[]): TileParts {
    const out = pickParts(parts, tiles);
    const { width, height, data } = picture;
    const grid = gridOf(picture);
    const strip = { firstLine: 0, lines: height, width, data };
    const nulls = findNullPixels(strip, DEFAULT_MASKS);
    const inspector = new TileInspector(strip, nulls, TILE_SIZE, DEFAULT_MASKS);
    const area = TILE_SIZE ** 2;
    const windowArea = (TILE_SIZE + 2 * this.#margin) ** 2;
    for (let from = 0; from < tiles.length; from += BATCH) {
      const batch = tiles.slice(from, from + BATCH);
      const windows = new Uint8Array(batch.length * windowArea);
      const valid = new Uint8Array(batch.length * area);
      const pixels = new Uint8Array(batch.length * area);
      batch.forEach((tile, i) => {
        const x = grid.xs[tile % grid.xs.length]!;
        const y = grid.ys[Math.floor(tile / grid.xs.length)]!;
        const own = pixels.subarray(i * area, (i + 1) * area);
        inspector.cut(x, y, inspector.inspect(x, y), own, valid.subarray(i * area, (i + 1) * area));
        const window = windows.subarray(i * windowArea, (i + 1) * windowArea);
        copyWindow(picture, x, y, this.#margin, window);
        this.#putIn(own, window);
      });
      const peaks = batch.flatMap((_, i) => [out.peakX[from + i]!, out.peakY[from + i]!]);
      const found = this.#run(batch.length, windows, pixels, valid, peaks);
      for (const name of ['l2', 'muNorm', 'bright', 'brightPeak'] as const) out[name].set(found[name], from);
    }
    return out;
  }

  dispose(): void {
    this.#vae.dispose();
    this.#scores.dispose();
  }

  /** The tile as it is scored, its lost pixels filled, goes into the middle of its window. */
  #putIn(tile: Uint8Array, window: Uint8Array): void {
    const side = TILE_SIZE + 2 * this.#margin;
    for (let row = 0; row < TILE_SIZE; row++) {
      const line = tile.subarray(row * TILE_SIZE, (row + 1) * TILE_SIZE);
      window.set(line, (row + this.#margin) * side + this.#margin);
    }
  }

  #run(
    count: number,
    windows: Uint8Array,
    pixels: Uint8Array,
    valid: Uint8Array,
    peaks: readonly number[],
  ): Record<'l2' | 'muNorm' | 'bright' | 'brightPeak', Float32Array> {
    const tf = this.#tf;
    const squares = (bytes: Uint8Array): tfjs.Tensor4D => {
      const side = Math.sqrt(bytes.length / count);
      return tf.tensor4d(Float32Array.from(bytes), [count, side, side, 1]);
    };
    const tensors = tf.tidy(() => {
      this.#windows = squares(windows).div(255);
      const { l2, muNorm, bright, blurred } = this.#scores.score(squares(pixels).div(255), squares(valid));
      const brightPeak = this.#scores.peak(blurred, tf.tensor2d([...peaks], [count, 2]));
      return { l2, muNorm, bright, brightPeak };
    });
    this.#windows = undefined;
    try {
      return {
        l2: tensors.l2.dataSync<'float32'>(),
        muNorm: tensors.muNorm.dataSync<'float32'>(),
        bright: tensors.bright.dataSync<'float32'>(),
        brightPeak: tensors.brightPeak.dataSync<'float32'>(),
      };
    } finally {
      tf.dispose(tensors);
    }
  }
}
