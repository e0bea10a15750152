import type { ByteSource } from '../domain/bytes.js';
import { extent, type BlockArea } from './block-image.js';
import { encodeTiff } from './encode-tiff.js';
import { truncated, undecodable } from './faults.js';
import { decoder } from './libvips.js';
import { undoDifferences, undoFloatDifferences } from './predictor.js';
import { readPieces } from './read-runs.js';
import type { SampleArray, SampleKind } from './sample-kind.js';
import { UNCOMPRESSED } from './tiff-compression.js';
import type { TiffDirectory } from './tiff-directory.js';
import { piecesOf } from './tiff-planes.js';

/** Samples of an area of blocks, their padding included, all bands of a pixel together. */
export interface SampleArea {
  readonly values: SampleArray;
  /** Samples of a line: of whole blocks. */
  readonly stride: number;
}

/**
 * Decodes an area of blocks to the samples that lie in the file, whatever their kind. The compressions that are
 * read here pack bytes, not samples: libvips unpacks them as 8-bit lines, and the bytes become samples here.
 *
 * @throws InvalidProductError `truncated`, `undecodable`
 */
export async function decodeSamples(
  bytes: ByteSource,
  d: TiffDirectory,
  kind: SampleKind,
  area: BlockArea,
): Promise<SampleArea> {
  const columns = area.toColumn - area.fromColumn;
  const blockSamples = d.blockWidth * d.samples;
  const stride = columns * blockSamples;
  const { top, height } = extent(d, area);
  const lines = d.tiled ? (area.toRow - area.fromRow) * d.blockHeight : height;
  const raw = await unpack(bytes, d, area, { lineBytes: stride * kind.bytes, lines, top });
  if (d.predictor === 3) {
    // Blocks side by side are lines one after the other: their length is that of a line of one block.
    undoFloatDifferences(raw, blockSamples, d.samples, kind.bytes);
  } else {
    if (!d.littleEndian) swapBytes(raw, kind.bytes);
    if (d.predictor === 2) undoDifferences(wordsOf(raw, kind.bytes), blockSamples, d.samples);
  }
  return { values: kind.values(raw), stride };
}

async function unpack(
  bytes: ByteSource,
  d: TiffDirectory,
  area: BlockArea,
  { lineBytes, lines, top }: { lineBytes: number; lines: number; top: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const blocks = await readPieces(bytes, piecesOf(d, area));
  const across = area.toColumn - area.fromColumn;
  if (d.compression === UNCOMPRESSED) {
    return placeBlocks(bytes.name, blocks, { across, blockHeight: d.blockHeight, lineBytes, lines });
  }
  const where = `lines ${top} to ${top + lines - 1} do not decode`;
  const packed = encodeTiff(asBytes(d, lineBytes / across), lineBytes, lines, blocks);
  const { data } = await decoder(packed)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw undecodable(bytes.name, where, error);
    });
  if (data.length !== lineBytes * lines) throw undecodable(bytes.name, where);
  return Uint8Array.from(data);
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
): Uint8Array<ArrayBuffer> {
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

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

function wordsOf(
  { buffer }: Uint8Array<ArrayBuffer>,
  size: number,
): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  if (size === 2) return new Uint16Array(buffer);
  if (size === 4) return new Uint32Array(buffer);
  return size === 8 ? new BigUint64Array(buffer) : new Uint8Array(buffer);
}
