import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { UsageError } from '../domain/errors.js';

/** An 8-bit image, pixels interleaved: row by row, `channels` bytes a pixel. */
export interface TrainingImage {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

const IMAGE_FILE = /\.(png|tiff?)$/i;

/**
 * Reads every PNG and TIFF of the folders, in order of their names.
 * @param exclude images whose file name contains one of these texts are left out.
 * @throws UsageError for a folder without images and for pixels of another depth than 8 bits.
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
      throw new UsageError(`There is no folder ${folder}: name one that holds PNG or TIFF images.`);
    const names = (await readdir(folder)).filter((name) => IMAGE_FILE.test(name)).sort();
    for (const name of names) {
      if (exclude.some((text) => name.includes(text))) continue;
      images.push(await readImage(path.join(folder, name), name, channels));
    }
  }
  if (images.length === 0)
    throw new UsageError(`There is no PNG or TIFF image left to train on in ${folders.join(', ')}.`);
  return images;
}

async function readImage(file: string, name: string, channels: number): Promise<TrainingImage> {
  const image = sharp(file, { limitInputPixels: false });
  const { depth } = await image.metadata();
  if (depth !== 'uchar') {
    throw new UsageError(
      `${file} does not hold 8-bit pixels but ${depth}: convert it to 8 bits or leave it out with --exclude.`,
    );
  }
  const { data, info } = await image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { name, width: info.width, height: info.height, channels, pixels: new Uint8Array(data) };
}
