/** Pixels that a 32-bit word holds. */
const LANES = 4;

/**
 * Copies a square of `size` pixels out of rows of `width`, by words where it lies on them: a call for each row costs
 * more than its few pixels.
 *
 * @param at where the square begins @param to `size * size`
 */
export function copySquare(data: Uint8Array, at: number, width: number, size: number, to: Uint8Array): void {
  const onWords = ((data.byteOffset + at) | width | size | to.byteOffset) % LANES === 0;
  if (!onWords) {
    for (let row = 0, from = at; row < size; row++, from += width)
      to.set(data.subarray(from, from + size), row * size);
    return;
  }
  const across = size / LANES;
  const step = width / LANES;
  const source = new Int32Array(data.buffer, data.byteOffset + at, (size - 1) * step + across);
  const target = new Int32Array(to.buffer, to.byteOffset, size * across);
  for (let row = 0, from = 0, into = 0; row < size; row++, from += step)
    for (let i = 0; i < across; i++) target[into++] = source[from + i]!;
}
