import type { ByteSource } from '../domain/bytes.js';
import { DEFAULT_STRETCH, type RasterSource, type StretchRule } from '../domain/raster.js';
import { convertToRandomAccess } from './convert.js';
import { deferredRaster } from './deferred-raster.js';
import { assertMoonGeoreference } from './geo-target.js';
import { restripe } from './tiff-blocks.js';
import { checkTiff } from './tiff-check.js';
import { compressionName } from './tiff-compression.js';
import { readTiffDirectory, type TiffDirectory } from './tiff-directory.js';
import { tiffRaster } from './tiff-raster.js';

/** Samples of a block above which it is not decoded in memory: a few strips of a NAC image. */
const MAX_BLOCK_SAMPLES = 2 ** 25;

/**
 * Opens the full-resolution image of a TIFF; its reduced ones are counted and left alone.
 *
 * @throws InvalidProductError when it is damaged, not of the Moon, or of a kind that is not read
 */
export async function openTiff(
  bytes: ByteSource,
  stretch: StretchRule = DEFAULT_STRETCH,
): Promise<RasterSource> {
  const directory = await readTiffDirectory(bytes);
  checkTiff(bytes.name, directory, bytes.size);
  assertMoonGeoreference(bytes.name, directory);
  const format = describe(directory);
  const d = restripe(directory);
  if (d.blockWidth * d.blockHeight * d.samples <= MAX_BLOCK_SAMPLES) return tiffRaster(bytes, d, format);
  const { width, height } = d;
  const convert = async () =>
    openTiff(await convertToRandomAccess(bytes.path, bytes.name, width * height), stretch);
  return deferredRaster({ width, height, format, exactNulls: false }, convert, () => bytes.close());
}

/** e.g. `PTIF jpeg 256x256, 6 levels` or `BigTIFF deflate, strips of 16 lines`. */
function describe(d: TiffDirectory): string {
  const kind = d.tiled && d.levels > 1 ? 'PTIF' : d.bigTiff ? 'BigTIFF' : 'TIFF';
  const blocks = d.tiled ? ` ${d.blockWidth}x${d.blockHeight}` : `, strips of ${d.blockHeight} lines`;
  const levels = d.levels > 1 ? `, ${d.levels} levels` : '';
  const big = kind === 'PTIF' && d.bigTiff ? ', BigTIFF' : '';
  return `${kind} ${compressionName(d.compression)}${blocks}${levels}${big}`;
}
