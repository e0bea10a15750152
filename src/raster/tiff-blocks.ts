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

/**
 * Decodes an area of blocks to grey pixels, without the padding of edge tiles.
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
    const fault = jpegFault(block, d.blockWidth, heights);
    if (fault !== null) throw undecodable(name, `its block at line ${line}, sample ${sample} is ${fault}`);
  });
}
