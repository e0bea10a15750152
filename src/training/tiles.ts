import type { Random } from '../domain/random.js';
import { TILE_STATES } from '../domain/tile.js';
import { validColumns } from '../domain/valid-columns.js';
import { TILE_SIZE } from '../model/architecture.js';
import { TileInspector } from '../tiling/inspect-tile.js';
import { DEFAULT_MASKS, masksFor } from '../tiling/mask-options.js';
import { findNullPixels } from '../tiling/null-pixels.js';
import { groundOf } from './image-files.js';
import type { TrainingImage } from './images.js';

/** One tile to learn from: an image and its upper-left pixel. */
export interface TrainingTile {
  readonly image: TrainingImage;
  readonly x: number;
  readonly y: number;
}

const SCORED = TILE_STATES.indexOf('scored');

/** Tiles every `stride` pixels that lie wholly within the valid columns, that a scan would score, and that lost no pixel. */
export function cutTiles(image: TrainingImage, stride: number): TrainingTile[] {
  const { width, height } = image;
  const strip = { firstLine: 0, lines: height, width, data: firstChannel(image) };
  const masks = masksFor(image, DEFAULT_MASKS);
  const inspector = new TileInspector(strip, findNullPixels(strip, masks), TILE_SIZE, masks);
  const { from, to } = validColumns(width);
  const tiles: TrainingTile[] = [];
  for (let y = 0; y + TILE_SIZE <= height; y += stride) {
    for (let x = from; x + TILE_SIZE <= to; x += stride) {
      const { state, invalid } = inspector.inspect(x, y);
      if (state === SCORED && invalid === 0) tiles.push({ image, x, y });
    }
  }
  return tiles;
}

/** Grey as scans see it. */
export function firstChannel({ channels, pixels }: TrainingImage): Uint8Array {
  if (channels === 1) return pixels;
  return new Uint8Array(pixels.length / channels).map((_, i) => pixels[i * channels] ?? 0);
}

/**
 * Splits by the ground that images show, as far as their names tell it, so that no pixel of a validation tile was
 * ever trained on.
 * @param share of the grounds that validate; at least one stays on each side where there are two.
 */
export function splitImages<T extends { readonly name: string }>(
  images: readonly T[],
  share: number,
  random: Random,
): { training: T[]; validation: T[] } {
  const grounds = new Map<string, T[]>();
  for (const image of images) {
    const ground = groundOf(image.name);
    grounds.set(ground, [...(grounds.get(ground) ?? []), image]);
  }
  const shuffled = shuffle([...grounds.values()], random);
  const wanted = share === 0 ? 0 : Math.max(1, Math.round(grounds.size * share));
  const count = Math.min(wanted, grounds.size - 1);
  return { validation: shuffled.slice(0, count).flat(), training: shuffled.slice(count).flat() };
}

/** Fisher-Yates, in place. */
export function shuffle<L extends { length: number; [index: number]: unknown }>(items: L, random: Random): L {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
