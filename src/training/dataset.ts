import { createHash } from 'node:crypto';
import { UsageError } from '../domain/errors.js';
import { createRandom, type Random } from '../domain/random.js';
import { TILE_SIZE } from '../model/architecture.js';
import { type ImageFile, listImages } from './image-files.js';
import { openImage } from './images.js';
import { readTiles, type TileOptions } from './read-tiles.js';
import { splitImages, type TrainingTile } from './tiles.js';

export interface DatasetOptions extends TileOptions {
  /** Folders of images, or images. */
  readonly paths: readonly string[];
  /** Images whose name contains one of these texts are left out. */
  readonly exclude: readonly string[];
  readonly seed: number;
  /** Share of the images that validate, 0..0.5. */
  readonly validation: number;
}

/** Tiles to learn from and, of other images, to validate on. */
export interface Dataset {
  readonly training: readonly TrainingTile[];
  readonly validation: readonly TrainingTile[];
  readonly images: { readonly training: readonly string[]; readonly validation: readonly string[] };
  /** SHA-256 over all of it: two data sets with one digest train alike. */
  readonly digest: string;
}

/**
 * Splits the images, then reads them one after the other.
 * @param random draws the split. Which tiles are drawn from an image depends on the seed and its name alone.
 * @param onImage is told of each image that is read, and how many there are.
 * @throws UsageError where there is nothing to train on; InvalidProductError for an image that is not read.
 */
export async function readDataset(
  options: DatasetOptions,
  channels: number,
  random: Random,
  onImage: (done: number, total: number) => void = () => undefined,
): Promise<Dataset> {
  const files = await listImages(options.paths, options.exclude);
  const split = splitImages(files, options.validation, random);
  let done = 0;
  const readAll = async (part: readonly ImageFile[]): Promise<TrainingTile[]> => {
    const tiles: TrainingTile[] = [];
    for (const file of part) {
      const image = await openImage(file, channels);
      try {
        for (const tile of await readTiles(image, options, randomOf(options.seed, file.name)))
          tiles.push(tile);
      } finally {
        await image.close();
      }
      onImage(++done, files.length);
    }
    return tiles;
  };
  const training = await readAll(split.training);
  if (training.length === 0)
    throw new UsageError(
      `No training image holds a usable tile of ${TILE_SIZE} x ${TILE_SIZE} pixels: give larger images.`,
    );
  const validation = await readAll(split.validation);
  const names = (part: readonly ImageFile[]): string[] => part.map(({ name }) => name);
  const images = { training: names(split.training), validation: names(split.validation) };
  return { training, validation, images, digest: digestOf([training, validation]) };
}

function randomOf(seed: number, name: string): Random {
  return createRandom(createHash('sha256').update(`${seed} ${name}`).digest().readUInt32LE());
}

function digestOf(parts: readonly (readonly TrainingTile[])[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (const image of new Set(part.map((tile) => tile.image)))
      hash.update(`${image.name} ${image.width} ${image.height} ${image.channels}`).update(image.pixels);
    hash.update(Int32Array.from(part.flatMap(({ x, y }) => [x, y])));
  }
  return hash.digest('hex');
}
