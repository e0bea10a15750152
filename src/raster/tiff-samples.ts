import type { ByteSource } from '../domain/bytes.js';
import { extent, type BlockArea } from './block-image.js';
import { encodeTiff } from './encode-tiff.js';
import { truncated, undecodable } from './faults.js';
import { decoder } from './libvips.js';
import type { RawLines } from './load-samples.js';
import type { SampleKind } from './sample-kind.js';
import type { SpareBytes } from './spare-bytes.js';
import { UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';
import { piecesOf } from './tiff-planes.js';
import { usePieces } from './use-pieces.js';

/**
 * Unpacks an area of blocks to the samples that lie in the file, all bands of a pixel together, as they lie there:
 * predicted, and in the file's order of bytes. The compressions that are read here pack bytes, not samples: libvips
 * unpacks them as 8-bit lines.
 *
 * @param spare memory for what is read
 * @param use gets the samples, which are written over when it is done
 * @throws InvalidProductError `truncated`, `undecodable`
 */
export async function useSamples(
  bytes: ByteSource,
  d: TiffDirectory,
  kind: SampleKind,
  area: BlockArea,
  spare: SpareBytes,
  use: (lines: RawLines) => Promise<void>,
): Promise<void> {
  const across = area.toColumn - area.fromColumn;
  const stride = across * d.blockWidth;
  const { top, width, height } = extent(d, area);
  const lines = d.tiled ? (area.toRow - area.fromRow) * d.blockHeight : height;
  const lineBytes = stride * d.samples * kind.bytes;
  await usePieces(bytes, piecesOf(d, area), spare, async (blocks) => {
    const unpacked =
      d.compression === UNCOMPRESSED
        ? placeBlocks(bytes.name, blocks, { across, blockHeight: d.blockHeight, lineBytes, lines })
        : await unpack(bytes.name, d, blocks, { across, lineBytes, lines, top });
    await use({ bytes: unpacked, stride, width, height });
  });
}

async function unpack(
  name: string,
  d: TiffDirectory,
  blocks: readonly Uint8Array[],
  { across, lineBytes, lines, top }: { across: number; lineBytes: number; lines: number; top: number },
): Promise<Uint8Array> {
  const where = `lines ${top} to ${top + lines - 1} do not decode`;
  const packed = encodeTiff(asBytes(d, lineBytes / across), lineBytes, lines, blocks);
  const { data } = await decoder(packed)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw undecodable(name, where, error);
    });
  if (data.length !== lineBytes * lines) throw undecodable(name, where);
  return data;
}

/** The same blocks, taken as 8-bit grey as wide as their lines have bytes. */
export function asBytes(d: TiffDirectory, blockLineBytes: number): TiffDirectory {
  return {
    ...d,
    blockWidth: blockLineBytes,
    samples: 1,
    bits: [8],
    photometric: 1,
    predictor: 1,
    extraSamples: [],
    ycbcrSubsampling: [],
    jpegTables: null,
  };
}

function placeBlocks(
  name: string,
  blocks: readonly Uint8Array[],
  {
    across,
    blockHeight,
    lineBytes,
    lines,
  }: { across: number; blockHeight: number; lineBytes: number; lines: number },
): Uint8Array {
  if (across === 1) {
    const run = asOneRun(blocks, blockHeight * lineBytes, lineBytes * lines);
    if (run !== null) return run;
  }
  const out = new Uint8Array(lineBytes * lines);
  const blockLine = lineBytes / across;
  let line = 0;
  for (let row = 0; row < blocks.length; row += across) {
    const blockLines = Math.min(blockHeight, lines - line);
    for (let column = 0; column < across; column++) {
      const block = blocks[row + column]!;
      if (block.length < blockLine * blockLines) throw truncated(name, 'a block is shorter than its pixels');
      for (let i = 0; i < blockLines; i++) {
        const from = i * blockLine;
        out.set(block.subarray(from, from + blockLine), (line + i) * lineBytes + column * blockLine);
      }
    }
    line += blockLines;
  }
  return out;
}

/** Blocks of so many bytes that lie one behind the other in memory already; null where they do not. */
function asOneRun(blocks: readonly Uint8Array[], blockBytes: number, length: number): Uint8Array | null {
  const [first] = blocks;
  if (first === undefined) return null;
  const follow = blocks.every(
    ({ buffer, byteOffset }, i) =>
      buffer === first.buffer && byteOffset === first.byteOffset + i * blockBytes,
  );
  const last = blocks.at(-1)!;
  const end = last.byteOffset + last.length;
  return follow && first.byteOffset + length <= end
    ? new Uint8Array(first.buffer, first.byteOffset, length)
    : null;
}
