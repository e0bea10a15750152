import { truncated } from './faults.js';

/**
 * Puts uncompressed 8-bit blocks side by side, without the padding of edge tiles.
 *
 * @param name of the file
 * @param blocks row by row, `columns` in each
 * @param block its width and height, pixels
 * @param pixels where they are put: `out.width * out.height`
 * @throws InvalidProductError `truncated`
 */
export function copyBlocks(
  name: string,
  blocks: readonly Uint8Array[],
  columns: number,
  block: { readonly width: number; readonly height: number },
  out: { readonly width: number; readonly height: number },
  pixels: Uint8Array = new Uint8Array(out.width * out.height),
): Uint8Array {
  for (let i = 0; i < blocks.length; i++) {
    const from = blocks[i]!;
    const column = i % columns;
    const top = ((i - column) / columns) * block.height;
    const left = column * block.width;
    const lines = Math.min(block.height, out.height - top);
    const width = Math.min(block.width, out.width - left);
    if (from.length < (lines - 1) * block.width + width)
      throw truncated(name, 'a block is shorter than its pixels');
    if (width === out.width && block.width === out.width) {
      pixels.set(from.subarray(0, lines * width), top * width);
      continue;
    }
    for (let line = 0; line < lines; line++) {
      const at = line * block.width;
      pixels.set(from.subarray(at, at + width), (top + line) * out.width + left);
    }
  }
  return pixels;
}
