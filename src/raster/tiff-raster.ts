import type { ByteSource } from '../domain/bytes.js';
import type { RasterSource } from '../domain/raster.js';
import { blockImage } from './block-image.js';
import { greyDecoder, type DecodeGrey } from './grey-tiff.js';
import { mapBytes } from './map-bytes.js';
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
    noData === null || noData === 0 ? decode : marking(decode, nullsMarked(noData)),
    (pixels) => new Uint8Array(pixels),
    // What is only copied is quicker in pieces that the processor's cache holds.
    d.compression === UNCOMPRESSED ? 0 : undefined,
    // Whatever scores high is read again by windows: what becomes a detection is no damage.
    d.compression === JPEG ? greyDecoder(bytes, d, true) : undefined,
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

function marking(decode: DecodeGrey, table: Uint8Array): DecodeGrey {
  return async (area, into) => {
    const pixels = await decode(area, into);
    await mapBytes(pixels, table);
    return pixels;
  };
}

/** Grey levels as they become where one means no data: it is 0, and 0 is 1. */
function nullsMarked(noData: number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, level) => Math.max(level, 1));
  table[noData] = 0;
  return table;
}
