import type { PixelVector } from '../../src/domain/geometry.js';
import { turnedBy, type Picture } from './crops.js';
import type { BenchImage, BenchObject } from './draws.js';
import type { FoldScorer } from './fold-scorer.js';
import { injectObjects, type InjectedPicture, type Kind } from './injections.js';
import { gridOf, tilesHolding, type ScoreTable } from './score-picture.js';

/** Turns of the Sun's direction that are tried, degrees; null is an unknown one. */
export const WRONG_SUNS = [0, 15, 30, 45, 90, 180, null] as const;

/** One picture and its objects, scored. */
export interface CollectedImage {
  readonly image: BenchImage;
  readonly objects: readonly BenchObject[];
}

export interface CollectedCrop extends CollectedImage {
  /** The same with the Sun's direction wrong: landers of the first round alone, named scores alone. */
  readonly wrongSun: readonly CollectedImage[];
}

/** Scores a crop as it is and with objects drawn in. */
export async function collectCrop(
  scorer: FoldScorer,
  crop: Picture,
  index: number,
  rounds: Readonly<Record<Kind, number>>,
  seed: number,
): Promise<CollectedCrop> {
  const injected = injectObjects(crop, rounds, seed);
  const { named, terrain } = await scorer.plain(crop, crop.shadow);
  const all = Array.from(named['l2']!.keys());
  const baselines = await scorer.baselines(crop, all, named);
  const objects: BenchObject[] = [];
  for (const picture of injected) {
    const grey = { ...crop, data: picture.data };
    const table = await scorer.against(terrain, grey, crop.shadow);
    const tiles = positiveTiles(crop, picture, table);
    const flat = tiles.flat();
    const others = await scorer.baselines(grey, flat, table);
    objects.push(...objectsOf(index, picture, tiles, { ...pick(table, flat), ...others }));
  }
  const image = { name: crop.name, plain: plainOf({ ...named, ...baselines }) };
  const first = injected.find(({ kind }) => kind === 'lander');
  const wrongSun: CollectedImage[] = [];
  for (const degrees of first === undefined ? [] : WRONG_SUNS) {
    const shadow = degrees === null ? null : turnedBy(crop.shadow, degrees);
    wrongSun.push(await withSun(scorer, crop, index, first!, shadow));
  }
  return { image, objects, wrongSun };
}

async function withSun(
  scorer: FoldScorer,
  crop: Picture,
  index: number,
  picture: InjectedPicture,
  shadow: PixelVector | null,
): Promise<CollectedImage> {
  const { named, terrain } = await scorer.plain(crop, shadow);
  const table = await scorer.against(terrain, { ...crop, data: picture.data }, shadow);
  const tiles = positiveTiles(crop, picture, table);
  return {
    image: { name: crop.name, plain: plainOf(named) },
    objects: objectsOf(index, picture, tiles, pick(table, tiles.flat())),
  };
}

/** For each object the scored tiles that hold it. */
function positiveTiles(crop: Picture, { objects }: InjectedPicture, table: ScoreTable): number[][] {
  const grid = gridOf(crop);
  return objects.map((object) =>
    tilesHolding(grid, object).filter((tile) => !Number.isNaN(table['l2']![tile])),
  );
}

/** @param table one value for each of the objects' tiles, one object after the other */
export function objectsOf(
  image: number,
  { objects }: Pick<InjectedPicture, 'objects'>,
  tiles: readonly (readonly number[])[],
  table: ScoreTable,
): BenchObject[] {
  let from = 0;
  return objects.flatMap(({ kind, sizePx }, i) => {
    const to = from + tiles[i]!.length;
    const values = new Map(
      namesIn(table).map((name) => [name, Float64Array.from(table[name]!.slice(from, to))]),
    );
    from = to;
    return tiles[i]!.length === 0 ? [] : [{ image, kind, sizePx, tiles: values }];
  });
}

export function pick(table: ScoreTable, tiles: readonly number[]): ScoreTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, values]) => [name, Float32Array.from(tiles, (tile) => values[tile]!)]),
  );
}

/** Masked tiles are left out. */
export function plainOf(table: ScoreTable): ReadonlyMap<string, Float64Array> {
  return new Map(
    namesIn(table).map((name) => [
      name,
      Float64Array.from(table[name]!.filter((value) => !Number.isNaN(value))).sort(),
    ]),
  );
}

/** A score that a model does not have is NaN throughout. */
function namesIn(table: ScoreTable): string[] {
  return Object.keys(table).filter((name) => !table[name]!.every(Number.isNaN));
}
