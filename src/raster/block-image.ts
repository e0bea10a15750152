/** How an image is cut into blocks, pixels. */
export interface BlockGrid {
  readonly width: number;
  readonly height: number;
  readonly blockWidth: number;
  readonly blockHeight: number;
}

/** Columns `[fromColumn, toColumn)` and rows `[fromRow, toRow)` of an image's blocks. */
export interface BlockArea {
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** An image of blocks as bands of whole lines, and as windows. */
export interface BlockImage<T> {
  readonly bandLines: number;
  /** @param into see `BandImage` */
  decodeBand(index: number, into?: T): Promise<T>;
  window(x: number, y: number, width: number, height: number): Promise<T>;
}

/** A strip of more lines is taken apart where its lines can be read one by one. */
export const MOST_STRIP_LINES = 256;
/**
 * Pixels that are decoded together at most, and lines of them at least: each call of the decoder has a cost of
 * its own, and gives work to the garbage collector, so that a NAC image decodes faster by bands of 1024 lines than of 256.
 */
const BAND_PIXELS = 5064 * 1024;
const LEAST_LINES = 256;

/** Pixels that an area covers, without the padding of edge tiles. */
export function extent(g: BlockGrid, area: BlockArea): { top: number; width: number; height: number } {
  const top = area.fromRow * g.blockHeight;
  return {
    top,
    width: Math.min(g.width, area.toColumn * g.blockWidth) - area.fromColumn * g.blockWidth,
    height: Math.min(g.height, area.toRow * g.blockHeight) - top,
  };
}

/**
 * Whole rows of blocks are decoded for bands, only the blocks that a window touches for it.
 *
 * @param decode pixels of an area, row by row, one sample each; those of `into`, as many, may be written over
 * @param mostPixels of a band, unless 256 lines have more
 * @param decodeOfWindow decodes for windows, where that differs
 */
export function blockImage<T extends Uint8Array | Float32Array>(
  grid: BlockGrid,
  decode: (area: BlockArea, into?: T) => Promise<T>,
  create: (pixels: number) => T,
  mostPixels = BAND_PIXELS,
  decodeOfWindow = decode,
): BlockImage<T> {
  const { width, height, blockWidth, blockHeight } = grid;
  const columns = Math.ceil(width / blockWidth);
  const rows = Math.ceil(height / blockHeight);
  const lines = Math.max(LEAST_LINES, mostPixels / width);
  const rowsOfBand = Math.min(rows, Math.max(1, Math.round(lines / blockHeight)));
  return {
    bandLines: rowsOfBand * blockHeight,
    decodeBand(index, into) {
      const fromRow = index * rowsOfBand;
      const toRow = Math.min(rows, fromRow + rowsOfBand);
      return decode({ fromColumn: 0, toColumn: columns, fromRow, toRow }, into);
    },
    async window(x, y, w, h) {
      checkWindow(grid, x, y, w, h);
      const fromColumn = Math.floor(x / blockWidth);
      const toColumn = Math.ceil((x + w) / blockWidth);
      const left = fromColumn * blockWidth;
      const stride = Math.min(width, toColumn * blockWidth) - left;
      const out = create(w * h);
      const lastRow = Math.ceil((y + h) / blockHeight);
      for (let row = Math.floor(y / blockHeight); row < lastRow; row += rowsOfBand) {
        const toRow = Math.min(lastRow, row + rowsOfBand);
        const pixels = await decodeOfWindow({ fromColumn, toColumn, fromRow: row, toRow });
        const top = row * blockHeight;
        for (let line = Math.max(y, top); line < Math.min(y + h, toRow * blockHeight); line++) {
          const at = (line - top) * stride + x - left;
          out.set(pixels.subarray(at, at + w), (line - y) * w);
        }
      }
      return out;
    },
  };
}

function checkWindow({ width, height }: BlockGrid, x: number, y: number, w: number, h: number): void {
  const whole = [x, y, w, h].every(Number.isInteger);
  if (!whole || x < 0 || y < 0 || w < 1 || h < 1 || x + w > width || y + h > height) {
    throw new RangeError(
      `The window ${w} x ${h} at ${x}, ${y} is not inside the image of ${width} x ${height}.`,
    );
  }
}
