import type { ByteSource } from '../domain/bytes.js';
import type { RasterSource } from '../domain/raster.js';
import { blockImage } from './block-image.js';
import { greyDecoder } from './grey-tiff.js';
import { pullStrips } from './pull-strips.js';
import { sampleKind } from './sample-kind.js';
import { noDataOf } from './special-values.js';
import { JPEG, UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';

/**
 * A checked TIFF of 8-bit samples as lines and windows.
 *
 * @param bytes closed by the source's `close`
 * @param noData grey level that means no data and becomes 0, as 0 becomes 1; null where none does
 */
export function tiffRaster(
  bytes: ByteSource,
  d: TiffDirectory,
  format: string,
  noData: number | null,
): RasterSource {
  const { width, height } = d;
  const decode = greyDecoder(bytes, d);
  const image = blockImage(
    d,
    noData === null ? decode : async (area, into) => markNulls(await decode(area, into), noData),
    (pixels) => new Uint8Array(pixels),
    // What is only copied is quicker in pieces that the processor's cache holds.
    d.compression === UNCOMPRESSED ? 0 : undefined,
  );
  return {
    info: { width, height, format, exactNulls: noData !== null },
    strips: (ranges, signal, buffers) => pullStrips({ width, height, ...image }, ranges, signal, buffers),
    window: (x, y, w, h) => image.window(x, y, w, h),
    close: () => bytes.close(),
  };
}

/**
 * The grey level that means no data, by GDAL's tag; null where the tag names none, or where the samples are not
 * grey or not kept exactly, so that no level is for certain.
 */
export function noDataLevel(d: TiffDirectory): number | null {
  const kind = sampleKind(d.bits, d.sampleFormats);
  if (kind === null || d.samples > 1 || d.photometric > 1 || d.compression === JPEG) return null;
  const sample = noDataOf(kind, d.noData);
  if (sample === null || !Number.isInteger(sample) || sample < 0 || sample > 255) return null;
  return d.photometric === 0 ? 255 - sample : sample;
}

function markNulls(pixels: Uint8Array, noData: number): Uint8Array {
  if (noData === 0) return pixels;
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] === noData) pixels[i] = 0;
    else if (pixels[i] === 0) pixels[i] = 1;
  }
  return pixels;
}
