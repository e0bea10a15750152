import sharp from 'sharp';
import { DEFAULT_STRETCH, type StripRange } from '../domain/raster.js';
import { openRaster } from '../raster/open-raster.js';
import { type ImageFile, listImages } from './image-files.js';

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

/** An opened image: nothing is decoded before its lines are asked for. */
export interface OpenImage extends Omit<TrainingImage, 'pixels'> {
  /** Bands of whole lines in ascending order, each as an image of its own. */
  bands(ranges: Iterable<StripRange>): AsyncIterable<TrainingImage>;
  close(): Promise<void>;
}

/** Up to this size, 16 MB of grey, an image is decoded at once. */
const SMALL_PIXELS = 2 ** 24;

/**
 * Opens an image as grey or in three channels. Samples wider than 8 bits become grey levels as in a scan with
 * the model that is made of them. Large images of one channel are read band by band; only colour is decoded whole.
 * @throws InvalidProductError for an image that is not read.
 */
export async function openImage(file: ImageFile, channels: number): Promise<OpenImage> {
  const header = await sharp(file.path, { limitInputPixels: false })
    .metadata()
    .catch(() => null);
  const isSmall = header !== null && header.width * header.height <= SMALL_PIXELS;
  const isColour = channels > 1 && (header?.channels ?? 1) > 2;
  return header?.depth === 'uchar' && (isSmall || isColour)
    ? openWhole(file, channels)
    : openBands(file, channels);
}

/** The whole of an image. */
export async function readWhole(image: OpenImage): Promise<TrainingImage> {
  for await (const whole of image.bands([{ firstLine: 0, lines: image.height }])) return whole;
  throw new Error(`${image.name} gave no lines.`);
}

/**
 * Reads images one after the other, each whole or, where it has more lines, the `mostLines` in its middle: what
 * calibration learns from, with no more than one image in memory.
 */
export async function* readImages(
  files: readonly ImageFile[],
  channels: number,
  mostLines = Infinity,
): AsyncGenerator<TrainingImage> {
  for (const file of files) {
    const image = await openImage(file, channels);
    try {
      const lines = Math.min(image.height, mostLines);
      yield* image.bands([{ firstLine: Math.floor((image.height - lines) / 2), lines }]);
    } finally {
      await image.close();
    }
  }
}

/** All images of folders and files, whole, in memory: see `listImages` and `openImage`. */
export async function readTrainingImages(
  paths: readonly string[],
  channels: number,
  exclude: readonly string[] = [],
): Promise<TrainingImage[]> {
  const images: TrainingImage[] = [];
  for await (const image of readImages(await listImages(paths, exclude), channels)) images.push(image);
  return images;
}

async function openWhole(file: ImageFile, channels: number): Promise<OpenImage> {
  const { data, info } = await sharp(file.path, { limitInputPixels: false })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const image = { name: file.name, width, height, channels, exactNulls: false };
  return {
    ...image,
    async *bands(ranges) {
      for (const { firstLine, lines } of ranges) {
        const line = width * channels;
        const pixels = data.subarray(firstLine * line, (firstLine + lines) * line);
        yield await Promise.resolve({ ...image, height: lines, pixels });
      }
    },
    close: () => Promise.resolve(),
  };
}

/** By the reader of scans. It gives grey, the same in every channel. */
async function openBands(file: ImageFile, channels: number): Promise<OpenImage> {
  const raster = await openRaster(file.path, { stretch: DEFAULT_STRETCH });
  const { width, height, exactNulls } = raster.info;
  const image = { name: file.name, width, height, channels, exactNulls };
  return {
    ...image,
    async *bands(ranges) {
      for await (const { lines, data } of raster.strips(ranges))
        yield { ...image, height: lines, pixels: repeated(data, channels) };
    },
    close: () => raster.close(),
  };
}

function repeated(grey: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return grey;
  const pixels = new Uint8Array(grey.length * channels);
  grey.forEach((level, i) => pixels.fill(level, i * channels, (i + 1) * channels));
  return pixels;
}
