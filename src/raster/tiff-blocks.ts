import type { ByteSource } from '../domain/bytes.js';
import { MOST_STRIP_LINES, extent, type BlockArea } from './block-image.js';
import { copyBlocks } from './copy-blocks.js';
import { encodeTiff } from './encode-tiff.js';
import { undecodable } from './faults.js';
import { jpegFault } from './jpeg-check.js';
import { decoder } from './libvips.js';
import type { SpareBytes } from './spare-bytes.js';
import { JPEG, UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';
import { isPlanar, piecesOf } from './tiff-planes.js';
import { usePieces } from './use-pieces.js';

/** How libjpeg tells of data that are not as they were written. */
const DAMAGE = /Corrupt JPEG data|Premature end of JPEG/;

/**
 * Decodes an area of blocks to grey pixels, without the padding of edge tiles.
 *
 * Damage that leaves a JPEG's markers whole makes garbage of its block. libvips passes over libjpeg's warning of
 * it, but for strips, which libtiff decodes: `careful` reads tiles as such, which takes longer.
 *
 * @param spare memory for what is only copied
 * @param into pixels that may be written over, as many as the area has
 * @throws InvalidProductError `truncated`, `undecodable`
 */
export async function decodeBlocks(
  bytes: ByteSource,
  d: TiffDirectory,
  area: BlockArea,
  spare: SpareBytes,
  into?: Uint8Array,
  careful = false,
): Promise<Uint8Array> {
  const { top, width, height } = extent(d, area);
  const pieces = piecesOf(d, area);
  // What is neither packed nor turned, joined or coloured needs no decoder.
  if (d.compression === UNCOMPRESSED && d.samples === 1 && d.photometric === 1 && d.predictor === 1) {
    const columns = area.toColumn - area.fromColumn;
    const block = { width: d.blockWidth, height: d.blockHeight };
    return usePieces(bytes, pieces, spare, (blocks) =>
      copyBlocks(bytes.name, blocks, columns, block, { width, height }, into),
    );
  }
  if (careful && d.compression === JPEG && d.tiled && d.samples === 1) {
    const pixels = await decodeColumn(bytes, d, area, spare);
    if (pixels !== null) return pixels;
  }
  const packed = await usePieces(bytes, pieces, spare, (blocks) => {
    if (d.compression === JPEG) checkJpegs(bytes.name, d, area, blocks);
    return encodeTiff(d, width, height, blocks);
  });
  const lines = `lines ${top} to ${top + height - 1} do not decode`;
  const { data, info } = await decoder(packed)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw undecodable(bytes.name, lines, error);
    });
  if (info.channels !== 1 || data.length !== width * height) throw undecodable(bytes.name, lines);
  return data;
}

/**
 * Decodes tiles as the strips of an image one tile wide.
 *
 * @returns null where libvips warns of something that is no damage
 * @throws InvalidProductError `truncated`, `undecodable`
 */
async function decodeColumn(
  bytes: ByteSource,
  d: TiffDirectory,
  area: BlockArea,
  spare: SpareBytes,
): Promise<Uint8Array | null> {
  const { top, width, height } = extent(d, area);
  const pieces = piecesOf(d, area);
  const packed = await usePieces(bytes, pieces, spare, (blocks) => {
    checkJpegs(bytes.name, d, area, blocks);
    return encodeTiff({ ...d, tiled: false }, d.blockWidth, d.blockHeight * blocks.length, blocks);
  });
  let data: Uint8Array;
  try {
    data = await decoder(packed).raw().toBuffer();
  } catch (error) {
    if (!DAMAGE.test(String(error))) return null;
    const left = area.fromColumn * d.blockWidth;
    throw undecodable(
      bytes.name,
      `its JPEG data within lines ${top} to ${top + height - 1}, samples ${left} to ${left + width - 1} are not as they were written`,
      error,
    );
  }
  const size = d.blockWidth * d.blockHeight;
  if (data.length !== size * pieces.length) return null;
  const tiles = pieces.map((_, i) => data.subarray(i * size, (i + 1) * size));
  const block = { width: d.blockWidth, height: d.blockHeight };
  return copyBlocks(bytes.name, tiles, area.toColumn - area.fromColumn, block, { width, height });
}

/**
 * Cuts uncompressed strips into single lines: writers that put a whole image into one strip are common, and
 * its lines can be read one by one.
 */
export function restripe(d: TiffDirectory): TiffDirectory {
  const subsampled = d.photometric === 6;
  if (d.tiled || d.compression !== UNCOMPRESSED || d.blockHeight <= MOST_STRIP_LINES || subsampled) return d;
  const planes = isPlanar(d) ? d.samples : 1;
  const strips = Math.ceil(d.height / d.blockHeight);
  const lineBytes = (d.width * (d.samples / planes) * (d.bits[0] ?? 8)) / 8;
  const offsets = Float64Array.from({ length: d.height * planes }, (_, i) => {
    const line = i % d.height;
    const strip = Math.floor(line / d.blockHeight);
    const plane = Math.floor(i / d.height);
    return (d.offsets[plane * strips + strip] ?? 0) + (line - strip * d.blockHeight) * lineBytes;
  });
  return { ...d, blockHeight: 1, offsets, byteCounts: new Float64Array(offsets.length).fill(lineBytes) };
}

function checkJpegs(name: string, d: TiffDirectory, area: BlockArea, blocks: readonly Uint8Array[]): void {
  const columns = area.toColumn - area.fromColumn;
  blocks.forEach((block, i) => {
    const line = (area.fromRow + Math.floor(i / columns)) * d.blockHeight;
    const sample = (area.fromColumn + (i % columns)) * d.blockWidth;
    const cut = Math.min(d.blockHeight, d.height - line);
    const heights = d.tiled || cut === d.blockHeight ? [d.blockHeight] : [cut, d.blockHeight];
    const fault = jpegFault(block, d.blockWidth, heights, d.jpegTables);
    if (fault !== null) throw undecodable(name, `its block at line ${line}, sample ${sample} is ${fault}`);
  });
}
