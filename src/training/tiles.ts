import { TILE_SIZE } from '../model/vae.js';
import type { Random } from '../domain/random.js';
import type { TrainingImage } from './images.js';

/** One tile to learn from: an image and its upper-left pixel. */
export interface TrainingTile {
  readonly image: TrainingImage;
  readonly x: number;
  readonly y: number;
}

export type Augmentation = 'flips' | 'none';

/** Tiles every `stride` pixels that lie wholly within the image and hold no pixel that is known to be without data. */
export function cutTiles(image: TrainingImage, stride: number): TrainingTile[] {
  const tiles: TrainingTile[] = [];
  for (let y = 0; y + TILE_SIZE <= image.height; y += stride) {
    for (let x = 0; x + TILE_SIZE <= image.width; x += stride) {
      if (!image.exactNulls || isWhole(image, x, y)) tiles.push({ image, x, y });
    }
  }
  return tiles;
}

function isWhole({ pixels, width, channels }: TrainingImage, x: number, y: number): boolean {
  for (let line = y; line < y + TILE_SIZE; line++) {
    const from = (line * width + x) * channels;
    if (pixels.subarray(from, from + TILE_SIZE * channels).includes(0)) return false;
  }
  return true;
}

/**
 * Splits by whole images, so that no pixel of a validation tile was ever trained on.
 * @param share of the images that validate; at least one image stays on each side where there are two.
 */
export function splitImages(
  images: readonly TrainingImage[],
  share: number,
  random: Random,
): { training: TrainingImage[]; validation: TrainingImage[] } {
  const shuffled = shuffle([...images], random);
  const wanted = share === 0 ? 0 : Math.max(1, Math.round(images.length * share));
  const count = Math.min(wanted, images.length - 1);
  return { validation: shuffled.slice(0, count), training: shuffled.slice(count) };
}

/** Fisher-Yates, in place. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

/** A batch as [tiles, 64, 64, channels] in 0..1; `random` given, each tile is flipped either way or not. */
export function fillBatch(tiles: readonly TrainingTile[], random: Random | null): Float32Array {
  const channels = tiles[0]?.image.channels ?? 1;
  const batch = new Float32Array(tiles.length * TILE_SIZE * TILE_SIZE * channels);
  let at = 0;
  for (const { image, x, y } of tiles) {
    const flips = random === null ? 0 : random.integer(4);
    for (let row = 0; row < TILE_SIZE; row++) {
      const line = y + (flips & 1 ? TILE_SIZE - 1 - row : row);
      for (let column = 0; column < TILE_SIZE; column++) {
        const sample = x + (flips & 2 ? TILE_SIZE - 1 - column : column);
        const from = (line * image.width + sample) * channels;
        for (let c = 0; c < channels; c++) batch[at++] = (image.pixels[from + c] ?? 0) / 255;
      }
    }
  }
  return batch;
}
