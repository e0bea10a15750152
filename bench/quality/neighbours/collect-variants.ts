import type { TileParts } from '../../../src/domain/tile.js';
import { normaliseImage, scoreTiles, type PooledStatistics } from '../../../src/scoring/normalise.js';
import { objectsOf, plainOf, type CollectedImage } from '../collect.js';
import type { Picture } from '../crops.js';
import type { BenchObject } from '../draws.js';
import { injectObjects, ROUNDS } from '../injections.js';
import { gridOf, tilesHolding, type ScoreTable } from '../score-picture.js';
import { type CommonParts, scoredTiles } from './common-parts.js';
import type { Variant } from './train-variant.js';
import type { VariantScorer } from './variant-scorer.js';

/** Scores that the VAE decides, wholly or in part. */
export const SCORES = ['l2', 'mu_norm', 'vae2024', 'bright', 'bright_peak', 'z_bright', 'b', 'c'] as const;
export type VaeScore = (typeof SCORES)[number];

export const nameOf = (variant: Variant, score: VaeScore): string => `${variant} ${score}`;

export interface CollectedVariants extends CollectedImage {
  /** Over plain tiles, the error that training minimised: squared, summed over the tile. */
  readonly squaredErrors: ReadonlyMap<Variant, Float64Array>;
}

/** Scores a crop as it is and with hardware drawn in, by each variant; all else is common to them. */
export async function collectVariants(
  variants: ReadonlyMap<Variant, VariantScorer>,
  common: CommonParts,
  crop: Picture,
  index: number,
  seed: number,
): Promise<CollectedVariants> {
  const parts = await common.of(crop, crop.shadow);
  const plain: Record<string, Float32Array> = {};
  const terrains = new Map<Variant, PooledStatistics>();
  const squaredErrors = new Map<Variant, Float64Array>();
  for (const [variant, scorer] of variants) {
    const own = scorer.score(crop, parts, scoredTiles(parts));
    const { named, terrain } = normaliseImage(own, null);
    Object.assign(plain, scoresOf(variant, named));
    terrains.set(variant, terrain);
    squaredErrors.set(
      variant,
      Float64Array.from(own.l2, (l2) => l2 * l2),
    );
  }
  const objects: BenchObject[] = [];
  for (const injected of injectObjects(crop, { ...ROUNDS, 'large lander': 0, boulder: 0 }, seed)) {
    const picture = { ...crop, data: injected.data };
    const drawn = await common.of(picture, crop.shadow);
    const tiles = positiveTiles(crop, injected.objects, drawn);
    const table: Record<string, Float32Array> = {};
    for (const [variant, scorer] of variants) {
      const own = scorer.score(picture, drawn, tiles.flat());
      Object.assign(table, scoresOf(variant, scoreTiles(own, terrains.get(variant)!)));
    }
    objects.push(...objectsOf(index, injected, tiles, table));
  }
  return { image: { name: crop.name, plain: plainOf(plain) }, objects, squaredErrors };
}

function scoresOf(variant: Variant, named: ScoreTable): Record<string, Float32Array> {
  return Object.fromEntries(SCORES.map((score) => [nameOf(variant, score), named[score]!]));
}

/** For each object the scored tiles that hold it. */
function positiveTiles(
  crop: Picture,
  objects: readonly { readonly x: number; readonly y: number }[],
  parts: TileParts,
): number[][] {
  const scored = new Set(scoredTiles(parts));
  const grid = gridOf(crop);
  return objects.map((object) => tilesHolding(grid, object).filter((tile) => scored.has(tile)));
}
