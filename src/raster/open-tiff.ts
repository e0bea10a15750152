import type { ByteSource } from '../domain/bytes.js';
import { DEFAULT_STRETCH, type RasterSource, type StretchRule } from '../domain/raster.js';
import { convertToRandomAccess } from './convert.js';
import { deferredRaster } from './deferred-raster.js';
import { encodeHead } from './encode-tiff.js';
import { refuse } from './faults.js';
import { assertMoonGeoreference } from './geo-target.js';
import { sampleKind, type SampleKind } from './sample-kind.js';
import { spool } from './spool.js';
import { restripe } from './tiff-blocks.js';
import { checkTiff, PALETTE } from './tiff-check.js';
import { compressionName, UNCOMPRESSED } from './tiff-compression.js';
import { readTiffDirectory, type TiffDirectory } from './tiff-directory.js';
import { isPlanar, piecesOf } from './tiff-planes.js';
import { noDataLevel, tiffRaster } from './tiff-raster.js';
import { asBytes } from './tiff-samples.js';
import { stretchedRaster } from './wide-raster.js';
import { wideTiff } from './wide-tiff.js';

/** Bytes of a block above which it is not unpacked in memory: a few strips of a NAC image. */
const MAX_BLOCK_BYTES = 2 ** 26;

/**
 * Opens the full-resolution image of a TIFF; its reduced ones are counted and left alone.
 *
 * @param stretch how samples wider than 8 bits become grey levels
 * @throws InvalidProductError when it is damaged, not of the Moon, or of a kind that is not read
 */
export async function openTiff(
  bytes: ByteSource,
  stretch: StretchRule = DEFAULT_STRETCH,
): Promise<RasterSource> {
  const directory = await readTiffDirectory(bytes);
  checkTiff(bytes.name, directory, bytes.size);
  assertMoonGeoreference(bytes.name, directory);
  const kind = sampleKind(directory.bits, directory.sampleFormats);
  if (kind === null) throw new Error('a checked TIFF has samples of no kind');
  const isWide = kind.name !== 'uint8';
  const format = describe(directory, kind);
  const d = restripe(directory);
  const open = (source: ByteSource, image: TiffDirectory): RasterSource | Promise<RasterSource> =>
    isWide
      ? stretchedRaster(wideTiff(source, image, kind, format), stretch)
      : tiffRaster(source, image, format, noDataLevel(directory));

  const bands = isPlanar(d) ? 1 : d.samples;
  if (d.blockWidth * d.blockHeight * bands * kind.bytes <= MAX_BLOCK_BYTES) return open(bytes, d);
  if (isPlanar(d) || d.photometric === PALETTE || (isWide && d.tiled)) {
    throw refuse(
      'unsupported_layout',
      `${bytes.name} has blocks of ${d.blockWidth} x ${d.blockHeight} pixels, too large to read; convert it, e.g. gdal_translate -co TILED=YES.`,
    );
  }
  const exactNulls = isWide || noDataLevel(directory) !== null;
  const convert = async (): Promise<RasterSource> => {
    const lines = await (isWide ? toLines(bytes, d, kind) : toGreyLines(bytes, d));
    return open(lines.bytes, lines.image);
  };
  const info = { width: d.width, height: d.height, format, exactNulls };
  return deferredRaster(info, convert, () => bytes.close());
}

interface Lines {
  readonly bytes: ByteSource;
  readonly image: TiffDirectory;
}

/** A grey image of huge blocks as one that can be read line by line. */
async function toGreyLines(bytes: ByteSource, d: TiffDirectory): Promise<Lines> {
  const converted = await unpackToFile(bytes, d, d.width, d.width * d.height);
  return { bytes: converted, image: restripe(await readTiffDirectory(converted)) };
}

/** An image of huge strips of wider samples likewise: unpacked as bytes, its predictor still to be undone. */
async function toLines(bytes: ByteSource, d: TiffDirectory, kind: SampleKind): Promise<Lines> {
  const lineBytes = d.width * d.samples * kind.bytes;
  const converted = await unpackToFile(bytes, asBytes(d, lineBytes), lineBytes, lineBytes * d.height);
  const { blockHeight, offsets, byteCounts } = restripe(await readTiffDirectory(converted));
  return {
    bytes: converted,
    image: { ...d, compression: UNCOMPRESSED, blockHeight, offsets, byteCounts },
  };
}

async function unpackToFile(
  bytes: ByteSource,
  d: TiffDirectory,
  width: number,
  total: number,
): Promise<ByteSource> {
  const pieces = piecesOf(d, {
    fromColumn: 0,
    toColumn: Math.ceil(width / d.blockWidth),
    fromRow: 0,
    toRow: Math.ceil(d.height / d.blockHeight),
  });
  const counts = pieces.map(({ count }) => count);
  const packed = await spool(bytes, encodeHead(d, width, d.height, counts), pieces);
  try {
    return await convertToRandomAccess(packed.path, bytes.name, { bytes: total });
  } finally {
    await packed.remove();
  }
}

/** e.g. `PTIF jpeg 256x256, 6 levels` or `BigTIFF deflate float32, strips of 16 lines`. */
function describe(d: TiffDirectory, kind: SampleKind): string {
  const form = d.tiled && d.levels > 1 ? 'PTIF' : d.bigTiff ? 'BigTIFF' : 'TIFF';
  const samples = kind.name === 'uint8' ? '' : ` ${kind.name}`;
  const blocks = d.tiled ? ` ${d.blockWidth}x${d.blockHeight}` : `, strips of ${d.blockHeight} lines`;
  const levels = d.levels > 1 ? `, ${d.levels} levels` : '';
  const big = form === 'PTIF' && d.bigTiff ? ', BigTIFF' : '';
  return `${form} ${compressionName(d.compression)}${samples}${blocks}${levels}${big}`;
}
