import type { ByteSource } from '../domain/bytes.js';
import { encodeTiff } from './encode-tiff.js';
import { truncated, undecodable } from './faults.js';
import { jpegFault } from './jpeg-check.js';
import { decoder } from './libvips.js';
import { JPEG, UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';

/** Columns `[fromColumn, toColumn)` and rows `[fromRow, toRow)` of an image's blocks. */
export interface BlockArea {
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** Lines that are decoded together: a row of the archive's tiles, or as many strips. */
export const BAND_LINES = 256;
/** Bytes that may be read in vain to fetch neighbouring blocks by one read. */
const GAP_BYTES = 64 * 1024;

/**
 * Decodes an area of blocks to grey pixels, without the padding of edge tiles.
 *
 * @throws InvalidProductError `truncated`, `undecodable`
 */
export async function decodeBlocks(
  bytes: ByteSource,
  d: TiffDirectory,
  area: BlockArea,
): Promise<Uint8Array> {
  const width = Math.min(d.width, area.toColumn * d.blockWidth) - area.fromColumn * d.blockWidth;
  const top = area.fromRow * d.blockHeight;
  const height = Math.min(d.height, area.toRow * d.blockHeight) - top;
  const blocks = await readBlocks(bytes, d, area);
  if (d.compression === JPEG) checkJpegs(bytes.name, d, area, blocks);
  const lines = `lines ${top} to ${top + height - 1} do not decode`;
  const { data, info } = await decoder(encodeTiff(d, width, height, blocks))
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
  if (d.tiled || d.compression !== UNCOMPRESSED || d.blockHeight <= BAND_LINES) return d;
  const lineBytes = d.width * d.samples;
  const offsets = Float64Array.from({ length: d.height }, (_, line) => {
    const strip = Math.floor(line / d.blockHeight);
    return (d.offsets[strip] ?? 0) + (line - strip * d.blockHeight) * lineBytes;
  });
  return { ...d, blockHeight: 1, offsets, byteCounts: new Float64Array(d.height).fill(lineBytes) };
}

async function readBlocks(bytes: ByteSource, d: TiffDirectory, area: BlockArea): Promise<Uint8Array[]> {
  const columns = Math.ceil(d.width / d.blockWidth);
  const wanted: { offset: number; count: number }[] = [];
  for (let row = area.fromRow; row < area.toRow; row++) {
    for (let column = area.fromColumn; column < area.toColumn; column++) {
      const i = row * columns + column;
      wanted.push({ offset: d.offsets[i] ?? 0, count: d.byteCounts[i] ?? 0 });
    }
  }
  const from = wanted.reduce((least, { offset }) => Math.min(least, offset), Infinity);
  const to = wanted.reduce((most, { offset, count }) => Math.max(most, offset + count), 0);
  const needed = wanted.reduce((sum, { count }) => sum + count, 0);

  const together = to - from <= needed + GAP_BYTES ? await bytes.read(from, to - from) : null;
  const blocks: Uint8Array[] = [];
  for (const { offset, count } of wanted) {
    const block =
      together?.subarray(offset - from, offset - from + count) ?? (await bytes.read(offset, count));
    if (block.length < count) throw truncated(bytes.name, 'it became shorter while it was read');
    blocks.push(block);
  }
  return blocks;
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
