import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { UsageError } from '../domain/errors.js';
import { DEFAULT_STRETCH } from '../domain/raster.js';
import { openRaster } from '../raster/open-raster.js';

/** An 8-bit image, pixels interleaved: row by row, `channels` bytes a pixel. */
export interface TrainingImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  /** The value 0 means no data and nothing else. */
  readonly exactNulls: boolean;
}

const IMAGE_FILE = /\.(png|tiff?|img)$/i;

/**
 * Reads every PNG, TIFF and .IMG of the folders, in order of their names. Samples wider than 8 bits become grey
 * levels as in a scan with the model that is made of them.
 * @param exclude images whose file name contains one of these texts are left out.
 * @throws UsageError for a folder without images, InvalidProductError for an image that is not read
 */
export async function readTrainingImages(
  folders: readonly string[],
  channels: number,
  exclude: readonly string[] = [],
): Promise<TrainingImage[]> {
  const images: TrainingImage[] = [];
  for (const folder of folders) {
    const information = await stat(folder).catch(() => null);
    if (!information?.isDirectory())
      throw new UsageError(`There is no folder ${folder}: name one that holds PNG, TIFF or .IMG images.`);
    const names = (await readdir(folder)).filter((name) => IMAGE_FILE.test(name)).sort();
    for (const name of names) {
      if (exclude.some((text) => name.includes(text))) continue;
      images.push(await readImage(path.join(folder, name), name, channels));
    }
  }
  if (images.length === 0)
    throw new UsageError(`There is no PNG, TIFF or .IMG image left to train on in ${folders.join(', ')}.`);
  return images;
}

async function readImage(file: string, name: string, channels: number): Promise<TrainingImage> {
  const image = sharp(file, { limitInputPixels: false });
  const depth = await image.metadata().then(
    ({ depth }) => depth,
    () => null,
  );
  if (depth !== 'uchar') return readRaster(file, name, channels);
  const { data, info } = await image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    name,
    width: info.width,
    height: info.height,
    channels,
    pixels: new Uint8Array(data),
    exactNulls: false,
  };
}

/** By the reader of scans: what libvips does not read as 8 bits. It is grey, the same in every channel. */
async function readRaster(file: string, name: string, channels: number): Promise<TrainingImage> {
  const raster = await openRaster(file, { stretch: DEFAULT_STRETCH });
  try {
    const { width, height, exactNulls } = raster.info;
    const grey = await raster.window(0, 0, width, height);
    const pixels = channels === 1 ? grey : new Uint8Array(grey.length * channels);
    if (channels > 1) grey.forEach((level, i) => pixels.fill(level, i * channels, (i + 1) * channels));
    return { name, width, height, channels, pixels, exactNulls };
  } finally {
    await raster.close();
  }
}
