import type { BlockArea } from './block-image.js';
import type { Piece } from './read-runs.js';
import type { TiffDirectory } from './tiff-directory.js';

/** Where the blocks of an area lie, row by row. */
export function piecesOf(d: TiffDirectory, area: BlockArea): Piece[] {
  const columns = Math.ceil(d.width / d.blockWidth);
  const pieces: Piece[] = [];
  for (let row = area.fromRow; row < area.toRow; row++) {
    for (let column = area.fromColumn; column < area.toColumn; column++) {
      const i = row * columns + column;
      pieces.push({ offset: d.offsets[i] ?? 0, count: d.byteCounts[i] ?? 0 });
    }
  }
  return pieces;
}

/** Whether each band lies in blocks of its own (planar configuration 2). */
export function isPlanar(d: TiffDirectory): boolean {
  return d.planar === 2 && d.samples > 1;
}

/** Each band of an image whose bands lie apart, as an image of one band. */
export function planesOf(d: TiffDirectory): TiffDirectory[] {
  const blocks = Math.ceil(d.width / d.blockWidth) * Math.ceil(d.height / d.blockHeight);
  return Array.from({ length: d.samples }, (_, plane) => ({
    ...d,
    samples: 1,
    planar: 1,
    photometric: d.photometric === 0 ? 0 : 1,
    bits: [d.bits[plane] ?? 0],
    sampleFormats: [d.sampleFormats[plane] ?? 0],
    extraSamples: [],
    ycbcrSubsampling: [],
    offsets: Array.prototype.slice.call(d.offsets, plane * blocks, (plane + 1) * blocks) as number[],
    byteCounts: Array.prototype.slice.call(d.byteCounts, plane * blocks, (plane + 1) * blocks) as number[],
  }));
}
