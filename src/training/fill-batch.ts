import type { Random } from '../domain/random.js';
import { TILE_SIZE } from '../model/architecture.js';
import type { TrainingTile } from './tiles.js';

export const AUGMENTATIONS = ['none', 'flips', 'rotations'] as const;
/** How tiles are turned at random: not, mirrored either way or both, or also by quarter turns. */
export type Augmentation = (typeof AUGMENTATIONS)[number];

/** Ways to lay a tile that each of them draws from: 1 mirrors lines, 2 mirrors samples, 4 exchanges both. */
const WAYS: Record<Augmentation, number> = { none: 1, flips: 4, rotations: 8 };

/** Grey levels as shares of the highest. */
const SHARES = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/** A batch as [tiles, 64, 64, channels] in 0..1. @param random draws once a tile, unless nothing is augmented. */
export function fillBatch(
  tiles: readonly TrainingTile[],
  augment: Augmentation,
  random: Random,
): Float32Array<ArrayBuffer> {
  const channels = tiles[0]?.image.channels ?? 1;
  const batch = new Float32Array(tiles.length * TILE_SIZE * TILE_SIZE * channels);
  const last = TILE_SIZE - 1;
  let at = 0;
  for (const { image, x, y } of tiles) {
    const way = augment === 'none' ? 0 : random.integer(WAYS[augment]);
    const { pixels, width } = image;
    const [line, sample] = [way & 1 ? -width : width, way & 2 ? -1 : 1];
    const [down, across] = (way & 4 ? [sample, line] : [line, sample]).map((step) => step * channels) as [
      number,
      number,
    ];
    const start = ((y + (way & 1 ? last : 0)) * width + x + (way & 2 ? last : 0)) * channels;
    for (let row = 0; row < TILE_SIZE; row++) {
      let from = start + row * down;
      for (let column = 0; column < TILE_SIZE; column++, from += across) {
        for (let c = 0; c < channels; c++) batch[at++] = SHARES[pixels[from + c]!]!;
      }
    }
  }
  return batch;
}
