import { refuse, truncated, undecodable } from './faults.js';
import { checkExpansion, checkSize } from './limits.js';
import { sampleKind } from './sample-kind.js';
import { compressionName, JPEG, UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';
import { isPlanar } from './tiff-planes.js';

/** Bytes of headers and tables that a compressed block may have beside its pixels. */
const SLACK_BYTES = 2 ** 16;
/** Photometric interpretations. */
const RGB = 2;
export const PALETTE = 3;
const YCBCR = 6;

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
  const kind = sampleKind(d.bits, d.sampleFormats);
  if (kind === null) {
    throw refuse(
      'unsupported_samples',
      `${name} holds ${[...new Set(d.bits)].join('/')}-bit ${formatName(d.sampleFormats)} samples, which are not read; convert it, e.g. gdal_translate -ot Float32.`,
    );
  }
  const grey = d.samples <= 2 && (d.photometric === 0 || d.photometric === 1);
  const rgb = (d.samples === 3 || d.samples === 4) && d.photometric === RGB;
  // Chroma and palettes are read in 8 bits only; chroma in planes of its own may be of another size.
  const ycbcr = d.samples === 3 && d.photometric === YCBCR && !isPlanar(d);
  const palette = d.samples === 1 && d.photometric === PALETTE && d.colorMap.length >= 3;
  if (!(grey || rgb || (kind.name === 'uint8' && (ycbcr || palette)))) {
    throw refuse(
      'unsupported_samples',
      `${name} has ${d.samples} bands (photometric interpretation ${d.photometric}, planar configuration ${d.planar}) where one grey band, RGB or YCbCr is read; convert it, e.g. gdal_translate -b 1.`,
    );
  }
}

function formatName(formats: readonly number[]): string {
  if (formats.some((format) => format > 4)) return 'complex';
  return formats.includes(3) ? 'floating-point' : formats.includes(2) ? 'signed' : 'unsigned';
}

function checkLayout(name: string, d: TiffDirectory): void {
  if (compressionName(d.compression) === null) {
    throw refuse(
      'unsupported_layout',
      `${name} is compressed by method ${d.compression}, which is not read; convert it, e.g. gdal_translate -co COMPRESS=DEFLATE.`,
    );
  }
  if (d.compression === JPEG && d.bits[0] !== 8) {
    throw refuse(
      'unsupported_layout',
      `${name} is compressed by JPEG of ${d.bits[0]} bits, which is not read; convert it, e.g. gdal_translate -co COMPRESS=DEFLATE.`,
    );
  }
  const ofFloats = d.predictor === 3 && d.sampleFormats[0] === 3;
  if (d.predictor !== 1 && d.predictor !== 2 && !ofFloats) {
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
  const blocks = columns * rows * (isPlanar(d) ? d.samples : 1);
  if (d.offsets.length < blocks || d.byteCounts.length < blocks) {
    throw truncated(
      name,
      `it lists ${Math.min(d.offsets.length, d.byteCounts.length)} of its ${blocks} blocks`,
    );
  }
  let [packed, claimed, unpacked] = [0, 0, 0];
  /** Where each distinct block ends, by its beginning. */
  const ends = new Map<number, number>();
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
    // No compression makes data of twice the size; a block that claims so is another's, or many others'.
    const raw = rawBytes(d, Math.floor(i / columns) % rows);
    if (count > 2 * raw + SLACK_BYTES) {
      throw undecodable(name, `block ${i + 1} of ${blocks} claims ${count} bytes for ${raw} bytes of pixels`);
    }
    if (d.compression === UNCOMPRESSED && count < raw) {
      throw truncated(name, `block ${i + 1} of ${blocks} holds ${count} bytes, fewer than its pixels`);
    }
    claimed += count;
    unpacked += raw;
    // A writer may keep equal blocks once.
    if (ends.get(offset) === end) continue;
    ends.set(offset, end);
    packed += count;
  }
  // Other blocks that lie over each other: nobody writes them.
  if (packed > fileSize) {
    throw undecodable(name, `its ${blocks} blocks claim ${packed} bytes in all, and it holds ${fileSize}`);
  }
  checkExpansion(name, unpacked, claimed);
}

/** Bytes of an uncompressed block: tiles are padded to their full size, the last strip is not. */
function rawBytes(d: TiffDirectory, row: number): number {
  const lines = d.tiled ? d.blockHeight : Math.min(d.blockHeight, d.height - row * d.blockHeight);
  if (d.photometric === YCBCR) {
    // Units of across x down pixels share one pair of chroma samples (TIFF 6.0, section 21).
    const [across = 2, down = 2] = d.ycbcrSubsampling;
    return Math.ceil(d.blockWidth / across) * Math.ceil(lines / down) * (across * down + 2);
  }
  return (d.blockWidth * lines * (isPlanar(d) ? 1 : d.samples) * (d.bits[0] ?? 8)) / 8;
}
