import type { PixelVector } from '../../src/domain/geometry.js';
import { loadModelFolder, type ModelFolder } from '../../src/model/load-model-folder.js';
import type { PooledStatistics } from '../../src/scoring/normalise.js';
import { createOnnxScorer } from '../../src/scoring/engines/onnx-scorer.js';
import { StripScorer } from '../../src/scoring/score-strip.js';
import type { Scorer } from '../../src/scoring/scorer.js';
import { Baselines } from './baselines/baselines.js';
import { Encoder } from './baselines/encoder.js';
import type { Picture } from './crops.js';
import type { Grey } from './render/ground.js';
import { cutTiles, gridOf, scoreAgainst, scorePlain, TILE, type ScoreTable } from './score-picture.js';

const BATCH = 64;

/** The models of one fold, and the baselines fitted on its training crops. */
export class FoldScorer {
  readonly model: ModelFolder;
  readonly #scorer: Scorer;
  readonly #strips: StripScorer;
  readonly #baselines: Baselines;

  private constructor(model: ModelFolder, scorer: Scorer, strips: StripScorer, baselines: Baselines) {
    this.model = model;
    this.#scorer = scorer;
    this.#strips = strips;
    this.#baselines = baselines;
  }

  /** @param training crops that the fold's models may have learnt from */
  static async open(folder: string, training: readonly Picture[], seed: number): Promise<FoldScorer> {
    const model = await loadModelFolder(folder);
    const { channels } = model.manifest.architecture;
    const threads = 2;
    const scorer = await createOnnxScorer({
      modelPath: model.onnxPath,
      hardwarePath: model.hardwarePath,
      threads,
      channels,
      tileSize: TILE,
    });
    const strips = new StripScorer(scorer, { channels, batch: BATCH });
    const pixels: Uint8Array[] = [];
    const l2: number[] = [];
    for (const crop of training) {
      const { named } = await scorePlain(strips, crop, crop.shadow);
      const scored = Array.from(named['l2']!.keys()).filter((tile) => !Number.isNaN(named['l2']![tile]));
      pixels.push(cutTiles(crop, gridOf(crop), scored));
      l2.push(...scored.map((tile) => named['l2']![tile]!));
    }
    const encoder = await Encoder.open(model, threads);
    const baselines = await Baselines.fit(encoder, Buffer.concat(pixels), Float32Array.from(l2), seed);
    return new FoldScorer(model, scorer, strips, baselines);
  }

  /** Named scores alone of a picture without objects. */
  plain(
    picture: Grey,
    shadow: PixelVector | null,
  ): Promise<{ readonly named: ScoreTable; readonly terrain: PooledStatistics }> {
    return scorePlain(this.#strips, picture, shadow);
  }

  /** Named scores alone of a picture with objects, measured against the plain one. */
  against(terrain: PooledStatistics, picture: Grey, shadow: PixelVector | null): Promise<ScoreTable> {
    return scoreAgainst(terrain, this.#strips, picture, shadow);
  }

  /** Baselines of some tiles: one value for each of `tiles`. */
  baselines(picture: Grey, tiles: readonly number[], named: ScoreTable): Promise<ScoreTable> {
    const l2 = Float32Array.from(tiles, (tile) => named['l2']![tile]!);
    return this.#baselines.score(cutTiles(picture, gridOf(picture), tiles), l2);
  }

  async close(): Promise<void> {
    await this.#scorer.close();
    await this.#baselines.close();
  }
}
