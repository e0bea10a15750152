import type { ByteSource } from '../domain/bytes.js';
import { DEFAULT_STRETCH, type RasterSource, type StretchRule } from '../domain/raster.js';
import { openFile } from './byte-source.js';
import { openImg } from './img/open-img.js';
import { labelsBeside } from '../domain/label-files.js';
import { assertMoonLabels } from './label-beside.js';
import { openPng } from './open-png.js';
import { openTiff } from './open-tiff.js';
import { sniff, SNIFF_BYTES } from './sniff.js';

export interface OpenOptions {
  /** How samples wider than 8 bits become grey levels: what the model was made for. */
  readonly stretch?: StretchRule;
}

/**
 * Opens an image, given by its path or as bytes that lie elsewhere: the archive's pyramidal TIFF, its raw or
 * calibrated `.IMG` with its label, any other TIFF or a PNG, told by its first bytes.
 *
 * Opening reads directories and labels, not pixels, and checks that the file holds every block of its
 * full-resolution image. Wider samples become 8-bit grey levels, colour is made grey. Axes are the file's: first line on top.
 *
 * @example
 * const image = await openRaster('M102128467RC_pyr.tif');
 * for await (const strip of image.strips([{ firstLine: 0, lines: 288 }])) console.log(strip.data.length);
 * await image.close();
 * @param source closed with the raster, or when it is refused
 * @throws InvalidProductError with one sentence when it is no such image of the Moon (codes: `RasterFault`)
 */
export async function openRaster(
  source: string | ByteSource,
  { stretch = DEFAULT_STRETCH }: OpenOptions = {},
): Promise<RasterSource> {
  const bytes = typeof source === 'string' ? await openFile(source) : source;
  try {
    const labels = await labelsBeside(bytes.path);
    const format = sniff(bytes.name, await bytes.read(0, SNIFF_BYTES), labels.length > 0);
    assertMoonLabels(labels, bytes.name);
    if (format === 'img') return await openImg(bytes, labels, stretch);
    return format === 'tiff' ? await openTiff(bytes, stretch) : await openPng(bytes, stretch);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}
