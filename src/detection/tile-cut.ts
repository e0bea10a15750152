/** A tile cut out of a window. */
export interface TileCut {
  /** As it lies in the image, for people. */
  readonly shown: Uint8Array;
  /** For the model: what holds no data filled with the tile's median. */
  readonly pixels: Uint8Array;
  /** 1 = real data. */
  readonly valid: Uint8Array;
}

/**
 * Cuts a tile. Lost packets leave whole lines of exact zeros; such lines are kept from the model, which
 * never saw any, so that the picture of its error shows the object and not the gap.
 *
 * @param x,y upper-left pixel of the tile in the window
 * @param exactNulls every zero is without data, not only whole lines of them
 */
export function cutTile(
  window: Uint8Array,
  width: number,
  x: number,
  y: number,
  size: number,
  exactNulls: boolean,
): TileCut {
  const shown = new Uint8Array(size * size);
  const valid = new Uint8Array(size * size).fill(1);
  for (let row = 0; row < size; row++) {
    const line = window.subarray((y + row) * width + x, (y + row) * width + x + size);
    shown.set(line, row * size);
    if (exactNulls) line.forEach((dn, i) => (valid[row * size + i] = dn === 0 ? 0 : 1));
    else if (line.every((dn) => dn === 0)) valid.fill(0, row * size, (row + 1) * size);
  }
  const real = shown.filter((_, i) => valid[i] === 1).sort();
  const median = real[real.length >> 1] ?? 0;
  return { shown, pixels: shown.map((dn, i) => (valid[i] === 1 ? dn : median)), valid };
}
