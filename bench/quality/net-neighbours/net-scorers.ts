import { NO_LOGIT, NO_TRACKS, type TileParts } from '../../../src/domain/tile.js';
import { HardwareNet } from '../../../src/model/hardware-net.js';
import type { TensorFlow } from '../../../src/model/tensorflow.js';
import type { Weights } from '../../../src/model/weights.js';
import type { Scenery } from '../injections.js';
import { CommonParts, scoredTiles } from '../neighbours/common-parts.js';
import { VariantScorer } from '../neighbours/variant-scorer.js';
import type { NetVariant } from './net-planes.js';
import { logitsAlone, logitsTogether, type TileLogits } from './tile-logits.js';
import type { TrainedNet } from './train-net-variant.js';

/**
 * What is compared: the shipped net as it is, both variants of it that were trained further, and that with neighbours
 * where the cells along a tile's border count, too.
 */
export const COMPARED = ['shipped', 'zeros', 'neighbours', 'all cells'] as const;
export type Compared = (typeof COMPARED)[number];

/** Scores tiles by each of the nets; all else, the shipped VAE and contrast, is common to them. */
export class NetScorers {
  readonly #tf: TensorFlow;
  readonly #common: CommonParts;
  readonly #vae: VariantScorer;
  readonly #nets: Readonly<Record<NetVariant, HardwareNet>>;

  private constructor(
    tf: TensorFlow,
    common: CommonParts,
    vae: VariantScorer,
    nets: Readonly<Record<NetVariant, HardwareNet>>,
  ) {
    this.#tf = tf;
    this.#common = common;
    this.#vae = vae;
    this.#nets = nets;
  }

  /** @param folder the shipped model's, whose weights are `shipped` */
  static async open(
    tf: TensorFlow,
    folder: string,
    shipped: Weights,
    trained: ReadonlyMap<NetVariant, TrainedNet>,
  ): Promise<NetScorers> {
    const net = (variant: NetVariant): HardwareNet => new HardwareNet(tf, trained.get(variant)!.weights);
    const common = await CommonParts.open(folder);
    const nets = { zeros: net('zeros'), neighbours: net('neighbours') };
    return new NetScorers(tf, common, new VariantScorer(tf, 0, shipped), nets);
  }

  /**
   * Parts of those tiles of a picture that are not masked, by each net.
   *
   * @param pick which of them are wanted; without it all
   * @returns the tiles, and their parts in this order
   */
  async score(
    picture: Scenery,
    pick: (unmasked: readonly number[]) => readonly number[] = (unmasked) => unmasked,
  ): Promise<{ readonly tiles: readonly number[]; readonly parts: Readonly<Record<Compared, TileParts>> }> {
    const common = await this.#common.of(picture, picture.shadow);
    const tiles = pick(scoredTiles(common));
    const shipped = this.#vae.score(picture, common, tiles);
    const { inner, all } = logitsTogether(this.#tf, this.#nets.neighbours, picture, tiles);
    const parts = {
      shipped,
      zeros: withLogits(shipped, logitsAlone(this.#tf, this.#nets.zeros, picture, tiles)),
      neighbours: withLogits(shipped, inner),
      'all cells': withLogits(shipped, all),
    };
    return { tiles, parts };
  }

  async close(): Promise<void> {
    for (const net of Object.values(this.#nets)) net.dispose();
    this.#vae.dispose();
    await this.#common.close();
  }
}

/** Logits as they are kept: in thousandths, those of tracks in eighths. */
function withLogits(parts: TileParts, { lander, small, tracks }: TileLogits): TileParts {
  const kept = (value: number, unit: number, none: number): number =>
    Math.min(Math.max(Math.round(unit * value), none + 1), -none - 1);
  return {
    ...parts,
    lander: Int16Array.from(lander, (value) => kept(value, 1000, NO_LOGIT)),
    small: Int16Array.from(small, (value) => kept(value, 1000, NO_LOGIT)),
    tracks: Int8Array.from(tracks, (value) => kept(value, 8, NO_TRACKS)),
  };
}
