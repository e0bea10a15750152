import { InvalidArgumentError } from 'commander';
import { UsageError } from '../domain/errors.js';
import type { TilePlace } from '../evaluation/choose-tiles.js';
import { type ScoreName, scoresNamed } from '../scoring/normalise.js';
import type { ExploredImage } from './explore-images.js';

/** A tile as a user names it: its image, and its upper-left pixel. */
export interface NamedPlace {
  readonly image: string;
  readonly x: number;
  readonly y: number;
}

/** `IMAGE:X,Y`. @throws InvalidArgumentError */
export function parsePlace(text: string): NamedPlace {
  const [, image, x, y] = /^(.+):(\d+),(\d+)$/.exec(text) ?? [];
  if (image === undefined)
    throw new InvalidArgumentError(
      'It must be an image and the upper-left pixel of a tile, as in image.png:320,64.',
    );
  return { image, x: Number(x), y: Number(y) };
}

/** An image as a user may name it. */
interface NamedImage {
  /** Its file name. */
  readonly file: string;
  /** Product or image id that the file name carries. */
  readonly name: string;
}

/**
 * Index of the image that was named.
 * @throws UsageError when there is no such image
 */
export function findImage({ image: wanted }: NamedPlace, images: readonly NamedImage[]): number {
  const image = images.findIndex(({ file, name }) => [file, name].includes(wanted));
  if (image < 0)
    throw new UsageError(
      `There is no image ${wanted} among those to explore; name one of ${images.map(({ file }) => file).join(', ')}.`,
    );
  return image;
}

/**
 * The tile that was named, with its score where it lies on the grid and is not masked.
 * @throws UsageError when there is no such image
 */
export function findPlace(
  place: NamedPlace,
  images: readonly ExploredImage[],
  score: ScoreName,
): TilePlace & { readonly tile?: number; readonly score?: number } {
  const image = findImage(place, images);
  const { x, y } = place;
  const { grid, scores } = images[image]!.scan;
  const [column, row] = [grid.xs.indexOf(x), grid.ys.indexOf(y)];
  if (column < 0 || row < 0) return { image, x, y };
  const tile = row * grid.xs.length + column;
  const value = scoresNamed(scores.named([tile]), score)[0]!;
  return { image, x, y, ...(Number.isNaN(value) ? {} : { tile, score: value }) };
}
