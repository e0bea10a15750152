import { groupAlike } from './rank-alike.js';
import type { RankedThings, RankItem } from './rank-order.js';
import type { Sighting } from './rank-sightings.js';

/** What is known of an image when its tiles are scored. */
export interface ScoredImage {
  readonly file: string;
  readonly grid: { readonly xs: Int32Array; readonly ys: Int32Array };
  /** Calibrated score of each tile; NaN where it is masked. */
  readonly scores: Float64Array;
  readonly sightings: readonly Sighting[];
  /** For each labelled object the tiles that show it. */
  readonly labelled: readonly (readonly number[])[];
}

/** An item with what the table says of it. */
export interface RankRow extends RankItem {
  readonly image: string;
  /** Upper-left pixel of a tile; null for an image. */
  readonly at: { readonly x: number; readonly y: number } | null;
  /** Calibrated; of an image the highest of its tiles, NaN where all are masked. */
  readonly score: number;
  /** Labelled objects that it shows. */
  readonly objects: readonly number[];
}

/** A sighting of one of several images. */
export interface PlacedSighting extends Sighting {
  readonly image: number;
}

/** All sightings, the most worthy first, whatever the order of the images. */
export function allSightings(images: readonly ScoredImage[]): PlacedSighting[] {
  const all = images.flatMap(({ sightings }, image) => sightings.map((each) => ({ ...each, image })));
  return all.sort(
    (a, b) =>
      b.worth - a.worth || compare(images[a.image]!.file, images[b.image]!.file) || a.y - b.y || a.x - b.x,
  );
}

/**
 * Worth and group of each sighting.
 * @param codes latent codes of the first of them; near-duplicates among these are of one group
 */
export function thingsOf(
  sightings: readonly PlacedSighting[],
  codes: readonly Float32Array[],
  alike: number,
): RankedThings {
  const groups = groupAlike(codes, alike);
  const apart = groups.reduce((most, group) => Math.max(most, group + 1), 0);
  return {
    worth: Float64Array.from(sightings, ({ worth }) => worth),
    group: Int32Array.from(sightings, (_, i) => groups[i] ?? apart + i - groups.length),
  };
}

/** Every image as an item. @param bytes of each image's file */
export function imageItems(
  images: readonly ScoredImage[],
  bytes: readonly number[],
  sightings: readonly PlacedSighting[],
): RankRow[] {
  const shows = images.map((): number[] => []);
  sightings.forEach(({ image }, thing) => shows[image]!.push(thing));
  let objects = 0;
  return images.map(({ file, scores, labelled }, image) => ({
    name: file,
    image: file,
    at: null,
    bytes: bytes[image]!,
    score: scores.reduce((most, score) => (score > most || Number.isNaN(most) ? score : most), NaN),
    shows: shows[image]!,
    objects: labelled.map(() => objects++),
  }));
}

/** Every scored tile as an item. @param bytes of each image's tiles */
export function tileItems(
  images: readonly ScoredImage[],
  bytes: readonly Float64Array[],
  sightings: readonly PlacedSighting[],
): RankRow[] {
  const shows = images.map(({ scores }) => Array.from(scores, (): number[] => []));
  sightings.forEach(({ image, shownBy }, thing) => {
    for (const tile of shownBy) shows[image]![tile]!.push(thing);
  });
  let labelled = 0;
  return images.flatMap((each, image) => {
    const { file, grid, scores } = each;
    const objects = Array.from(scores, (): number[] => []);
    for (const tiles of each.labelled) {
      for (const tile of tiles) objects[tile]!.push(labelled);
      labelled++;
    }
    return [...scores.keys()].flatMap((tile): RankRow[] => {
      if (Number.isNaN(scores[tile])) return [];
      const x = grid.xs[tile % grid.xs.length]!;
      const y = grid.ys[Math.floor(tile / grid.xs.length)]!;
      const name = `${file}\n${String(y).padStart(7, '0')}\n${String(x).padStart(7, '0')}`;
      return [
        {
          name,
          image: file,
          at: { x, y },
          bytes: bytes[image]![tile]!,
          score: scores[tile]!,
          shows: shows[image]![tile]!,
          objects: objects[tile]!,
        },
      ];
    });
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
