import type { ByteSource } from '../domain/bytes.js';
import type { RasterSource } from '../domain/raster.js';
import { pullStrips } from './pull-strips.js';
import { BAND_LINES, decodeBlocks } from './tiff-blocks.js';
import type { TiffDirectory } from './tiff-directory.js';

/**
 * A checked TIFF as lines and windows. Whole rows of blocks are decoded for strips, only the blocks that a
 * window touches for it.
 *
 * @param bytes closed by the source's `close`
 */
export function tiffRaster(bytes: ByteSource, d: TiffDirectory, format: string): RasterSource {
  const { width, height, blockWidth, blockHeight } = d;
  const columns = Math.ceil(width / blockWidth);
  const rows = Math.ceil(height / blockHeight);
  const rowsOfBand = Math.max(1, Math.round(BAND_LINES / blockHeight));

  const decodeBand = (index: number): Promise<Uint8Array> => {
    const fromRow = index * rowsOfBand;
    const toRow = Math.min(rows, fromRow + rowsOfBand);
    return decodeBlocks(bytes, d, { fromColumn: 0, toColumn: columns, fromRow, toRow });
  };

  const window = async (x: number, y: number, w: number, h: number): Promise<Uint8Array> => {
    checkWindow(d, x, y, w, h);
    const fromColumn = Math.floor(x / blockWidth);
    const toColumn = Math.ceil((x + w) / blockWidth);
    const left = fromColumn * blockWidth;
    const stride = Math.min(width, toColumn * blockWidth) - left;
    const out = new Uint8Array(w * h);
    const lastRow = Math.ceil((y + h) / blockHeight);
    for (let row = Math.floor(y / blockHeight); row < lastRow; row += rowsOfBand) {
      const toRow = Math.min(lastRow, row + rowsOfBand);
      const pixels = await decodeBlocks(bytes, d, { fromColumn, toColumn, fromRow: row, toRow });
      const top = row * blockHeight;
      for (let line = Math.max(y, top); line < Math.min(y + h, toRow * blockHeight); line++) {
        const at = (line - top) * stride + x - left;
        out.set(pixels.subarray(at, at + w), (line - y) * w);
      }
    }
    return out;
  };

  return {
    info: { width, height, format, exactNulls: false },
    strips: (ranges, signal) =>
      pullStrips({ width, height, bandLines: rowsOfBand * blockHeight, decodeBand }, ranges, signal),
    window,
    close: () => bytes.close(),
  };
}

function checkWindow({ width, height }: TiffDirectory, x: number, y: number, w: number, h: number): void {
  const whole = [x, y, w, h].every(Number.isInteger);
  if (!whole || x < 0 || y < 0 || w < 1 || h < 1 || x + w > width || y + h > height) {
    throw new RangeError(
      `The window ${w} x ${h} at ${x}, ${y} is not inside the image of ${width} x ${height}.`,
    );
  }
}
