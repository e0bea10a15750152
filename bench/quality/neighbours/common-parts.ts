import type { PixelVector } from '../../../src/domain/geometry.js';
import { TILE_STATES, type TileParts } from '../../../src/domain/tile.js';
import { loadModelFolder } from '../../../src/model/load-model-folder.js';
import { createOnnxScorer } from '../../../src/scoring/engines/onnx-scorer.js';
import { StripScorer } from '../../../src/scoring/score-strip.js';
import type { PeakScores, Scorer } from '../../../src/scoring/scorer.js';
import type { Grey } from '../render/ground.js';
import { partsOf, TILE } from '../score-picture.js';

const BATCH = 64;
const SCORED = TILE_STATES.indexOf('scored');

/** The parts of scores that no VAE decides: masks, contrast and, of a model's folder, the learned scorer. */
export class CommonParts {
  readonly #scorer: Scorer;
  readonly #contrast: StripScorer;
  readonly #learned: StripScorer;

  private constructor(scorer: Scorer) {
    const { info, hardware } = scorer;
    this.#scorer = scorer;
    const blind = {
      info,
      score: unasked,
      explain: unasked,
      scoreAt: nothing,
      close: () => Promise.resolve(),
    };
    this.#contrast = new StripScorer(blind, { channels: 1, batch: BATCH });
    this.#learned = new StripScorer(
      { ...blind, ...(hardware && { hardware: (batch) => hardware.call(scorer, batch) }) },
      { channels: 1, batch: BATCH },
    );
  }

  /** @param folder a model with a learned scorer */
  static async open(folder: string): Promise<CommonParts> {
    const { onnxPath: modelPath, hardwarePath } = await loadModelFolder(folder);
    return new CommonParts(
      await createOnnxScorer({ modelPath, hardwarePath, threads: 1, channels: 1, tileSize: TILE }),
    );
  }

  /**
   * Of all tiles of a picture. Their places are where TRI peaks, which the learned scorer would move before they are
   * looked at, so that it is asked apart.
   */
  async of(picture: Grey, shadow: PixelVector): Promise<TileParts> {
    const contrast = await partsOf(this.#contrast, picture, shadow);
    const { lander, small, tracks } = await partsOf(this.#learned, picture, shadow);
    return { ...contrast, lander, small, tracks };
  }

  close(): Promise<void> {
    return this.#scorer.close();
  }
}

/** Tiles that are not masked. */
export function scoredTiles({ state }: TileParts): number[] {
  return Array.from(state.keys()).filter((tile) => state[tile] === SCORED);
}

function nothing({ count }: { readonly count: number }): Promise<PeakScores> {
  const zeros = (): Float32Array => new Float32Array(count);
  return Promise.resolve({ l2: zeros(), muNorm: zeros(), bright: zeros(), brightPeak: zeros() });
}

function unasked(): Promise<never> {
  return Promise.reject(new Error('Only scores at peaks are asked for.'));
}
