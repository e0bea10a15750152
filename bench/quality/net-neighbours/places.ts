import { createRandom } from '../../../src/domain/random.js';
import { atLeast } from '../../../src/evaluation/threshold-table.js';
import type { BenchObject } from '../draws.js';
import { type Estimate, estimateOf } from '../measure.js';

/** Places where a scan would be wrong, so many in 1,000 tiles, at which objects are counted. */
export const FALSE_PLACES = [0.5, 2, 10] as const;

/** A picture's plain tiles: how many there are, and by score those that no overlapping tile outdoes, ascending. */
export interface PlainPlaces {
  readonly tiles: number;
  readonly places: ReadonlyMap<string, Float64Array>;
}

/**
 * Tiles that none of the eight around them outdoes: overlapping tiles see the same thing and a scan makes one detection
 * of them, so that these are the places where it would make one. Of equal neighbours the first counts.
 *
 * @param scores of all tiles of a grid, row by row; NaN where there is none
 */
export function placesOf(scores: ArrayLike<number>, columns: number): number[] {
  const rows = scores.length / columns;
  const outdone = (tile: number): boolean => {
    const [x, y] = [tile % columns, Math.floor(tile / columns)];
    for (let v = Math.max(0, y - 1); v <= Math.min(rows - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(columns - 1, x + 1); u++) {
        const other = v * columns + u;
        if (scores[other]! > scores[tile]! || (scores[other] === scores[tile] && other < tile)) return true;
      }
    return false;
  };
  return Array.from({ length: scores.length }, (_, tile) => tile).filter(
    (tile) => !Number.isNaN(scores[tile]) && !outdone(tile),
  );
}

/** Shares of objects whose best tile outdoes all plain places but so few, by name of score, in draws of pictures. */
export interface FoundAtPlaces {
  readonly share: Estimate;
  readonly ofDraws: Float64Array;
}

/**
 * Draws of whole pictures with replacement, the same for all scores.
 *
 * @param perThousand false places in 1,000 tiles
 * @param objects by place of their picture among `pictures`
 */
export function foundAtPlaces(
  names: readonly string[],
  pictures: readonly PlainPlaces[],
  objects: readonly BenchObject[],
  perThousand: number,
  o: { readonly draws: number; readonly seed: number },
): ReadonlyMap<string, FoundAtPlaces> {
  const random = createRandom(o.seed);
  const drawn = Array.from({ length: o.draws }, () => pictures.map(() => random.integer(pictures.length)));
  const ofPicture = pictures.map((_, picture) => objects.filter(({ image }) => image === picture));
  return new Map(
    names.map((name) => {
      const alarms = new Map(
        objects.map((object) => {
          const best = Math.max(...object.tiles.get(name)!);
          return [object, pictures.map(({ places }) => atLeast(places.get(name)!, best))];
        }),
      );
      const ofDraws = Float64Array.from(drawn, (chosen) => {
        const tiles = chosen.reduce((sum, picture) => sum + pictures[picture]!.tiles, 0);
        const all = chosen.flatMap((picture) => ofPicture[picture]!);
        const found = all.filter((object) => {
          const counts = alarms.get(object)!;
          return chosen.reduce((sum, picture) => sum + counts[picture]!, 0) <= (perThousand * tiles) / 1000;
        });
        return found.length / Math.max(all.length, 1);
      });
      return [name, { share: estimateOf(ofDraws), ofDraws }];
    }),
  );
}
