import { refuse, truncated, undecodable } from './faults.js';
import { checkSize } from './limits.js';
import { compressionName, UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';

/** How to make an image of other samples readable; a fixed range keeps images comparable. */
export const TO_8_BIT = 'convert it with a fixed range, e.g. gdal_translate -ot Byte -scale LOW HIGH 0 255';

/**
 * Checks that the image is one that is read here and that the file holds every block of it, by the
 * directory alone: no pixel is decoded.
 *
 * @param fileSize bytes
 * @throws InvalidProductError `undecodable`, `too_large`, `unsupported_samples`, `unsupported_layout`, `truncated`
 */
export function checkTiff(name: string, d: TiffDirectory, fileSize: number): void {
  checkSize(name, d.width, d.height);
  checkSamples(name, d);
  checkLayout(name, d);
  checkBlocks(name, d, fileSize);
}

function checkSamples(name: string, d: TiffDirectory): void {
  const bits = new Set(d.bits);
  const formats = new Set(d.sampleFormats);
  if (!(bits.size === 1 && bits.has(8) && formats.size === 1 && formats.has(1))) {
    const kind = formats.has(3) ? 'floating-point' : formats.has(2) ? 'signed' : 'unsigned';
    throw refuse(
      'unsupported_samples',
      `${name} holds ${[...bits].join('/')}-bit ${kind} samples where 8-bit unsigned ones are read; ${TO_8_BIT}.`,
    );
  }
  const grey = d.samples <= 2 && (d.photometric === 0 || d.photometric === 1);
  const colour = (d.samples === 3 || d.samples === 4) && (d.photometric === 2 || d.photometric === 6);
  if (!(grey || colour) || (d.planar !== 1 && d.samples > 1)) {
    throw refuse(
      'unsupported_samples',
      `${name} has ${d.samples} bands (photometric interpretation ${d.photometric}, planar configuration ${d.planar}) where one grey band is read; convert it, e.g. gdal_translate -b 1.`,
    );
  }
}

function checkLayout(name: string, d: TiffDirectory): void {
  if (compressionName(d.compression) === null) {
    throw refuse(
      'unsupported_layout',
      `${name} is compressed by method ${d.compression}, which is not read; convert it, e.g. gdal_translate -co COMPRESS=DEFLATE.`,
    );
  }
  if (d.predictor !== 1 && d.predictor !== 2) {
    throw refuse(
      'unsupported_layout',
      `${name} uses the predictor ${d.predictor}, which is not read; convert it, e.g. gdal_translate -co PREDICTOR=2.`,
    );
  }
  if (d.blockWidth < 1 || d.blockHeight < 1 || (d.tiled && (d.blockWidth % 16 || d.blockHeight % 16))) {
    throw undecodable(
      name,
      `its blocks of ${d.blockWidth} x ${d.blockHeight} pixels are not of a size that TIFF has`,
    );
  }
}

function checkBlocks(name: string, d: TiffDirectory, fileSize: number): void {
  const columns = Math.ceil(d.width / d.blockWidth);
  const rows = Math.ceil(d.height / d.blockHeight);
  const blocks = columns * rows;
  if (d.offsets.length < blocks || d.byteCounts.length < blocks) {
    throw truncated(
      name,
      `it lists ${Math.min(d.offsets.length, d.byteCounts.length)} of its ${blocks} blocks`,
    );
  }
  for (let i = 0; i < blocks; i++) {
    const offset = d.offsets[i] ?? 0;
    const count = d.byteCounts[i] ?? 0;
    const end = offset + count;
    if (offset < 8 || count < 1) {
      throw truncated(name, `block ${i + 1} of ${blocks} was never written`);
    }
    if (end > fileSize) {
      throw truncated(name, `block ${i + 1} of ${blocks} ends at byte ${end}, the file at ${fileSize}`);
    }
    if (d.compression === UNCOMPRESSED && count < rawBytes(d, Math.floor(i / columns))) {
      throw truncated(name, `block ${i + 1} of ${blocks} holds ${count} bytes, fewer than its pixels`);
    }
  }
}

/** Bytes of an uncompressed block: tiles are padded to their full size, the last strip is not. */
function rawBytes(d: TiffDirectory, row: number): number {
  const lines = d.tiled ? d.blockHeight : Math.min(d.blockHeight, d.height - row * d.blockHeight);
  return d.blockWidth * lines * d.samples;
}
