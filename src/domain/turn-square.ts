import type { Turn } from './turn.js';

/** Pixels that a 32-bit word holds. */
const LANES = 4;
/** Words are taken apart by the place of their bytes. */
const LITTLE_ENDIAN = new Uint8Array(Int32Array.of(1).buffer)[0] === 1;

/** Copies a square of `size` pixels, turned. @param fromAt,toAt where it begins in each array */
export function turnSquare(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  turn: Turn,
  fromAt = 0,
  toAt = 0,
): void {
  const fits = (from.byteOffset + fromAt) % LANES === 0 && (to.byteOffset + toAt) % LANES === 0;
  if (!fits || size % LANES !== 0 || !LITTLE_ENDIAN) {
    turnPixels(from, to, size, turn, fromAt, toAt);
    return;
  }
  const words = (size * size) / LANES;
  const source = new Int32Array(from.buffer, from.byteOffset + fromAt, words);
  const target = new Int32Array(to.buffer, to.byteOffset + toAt, words);
  if (turn.transpose) transposeWords(source, target, size / LANES, turn);
  else mirrorWords(source, target, size / LANES, turn);
}

/** Pixel by pixel, for squares that do not lie on words. */
function turnPixels(
  from: Uint8Array,
  to: Uint8Array,
  size: number,
  { mirrorX, mirrorY, transpose }: Turn,
  fromAt: number,
  toAt: number,
): void {
  const stepX = mirrorX ? -1 : 1;
  const stepY = mirrorY ? -size : size;
  const origin = fromAt + (mirrorX ? size - 1 : 0) + (mirrorY ? (size - 1) * size : 0);
  const along = transpose ? stepY : stepX;
  const down = transpose ? stepX : stepY;
  let at = toAt;
  for (let row = 0; row < size; row++) {
    let source = origin + row * down;
    for (let column = 0; column < size; column++, source += along) to[at++] = from[source]!;
  }
}

/** @param across words a row */
function mirrorWords(from: Int32Array, to: Int32Array, across: number, { mirrorX, mirrorY }: Turn): void {
  const rows = across * LANES;
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const source = (mirrorY ? rows - 1 - row : row) * across;
    if (mirrorX) for (let i = source + across - 1; i >= source; i--) to[at++] = reversed(from[i]!);
    else for (let i = source; i < source + across; i++) to[at++] = from[i]!;
  }
}

function reversed(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** Takes four words below each other, and lays their 4 x 4 pixels down the other way. @param across words a row */
function transposeWords(from: Int32Array, to: Int32Array, across: number, { mirrorX, mirrorY }: Turn): void {
  const down = mirrorY ? -across : across;
  // In a mirrored square the rows that come of a word go upwards.
  const step = mirrorX ? -across : across;
  for (let row = 0; row < across; row++) {
    const column = mirrorX ? across - 1 - row : row;
    let source = (mirrorY ? (across * LANES - 1) * across : 0) + column;
    let at = (row * LANES + (mirrorX ? LANES - 1 : 0)) * across;
    for (let i = 0; i < across; i++, at++, source += LANES * down) {
      const a = from[source]!;
      const b = from[source + down]!;
      const c = from[source + 2 * down]!;
      const d = from[source + 3 * down]!;
      const evenUpper = (a & 0x00ff00ff) | ((b & 0x00ff00ff) << 8);
      const oddUpper = ((a >>> 8) & 0x00ff00ff) | (b & 0xff00ff00);
      const evenLower = (c & 0x00ff00ff) | ((d & 0x00ff00ff) << 8);
      const oddLower = ((c >>> 8) & 0x00ff00ff) | (d & 0xff00ff00);
      to[at] = (evenUpper & 0xffff) | (evenLower << 16);
      to[at + step] = (oddUpper & 0xffff) | (oddLower << 16);
      to[at + 2 * step] = (evenUpper >>> 16) | (evenLower & 0xffff0000);
      to[at + 3 * step] = (oddUpper >>> 16) | (oddLower & 0xffff0000);
    }
  }
}
