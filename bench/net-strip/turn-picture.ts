import type { Turn } from '../../src/domain/turn.js';

/** A picture of any sides, turned as `turnSquare` turns tiles: mirrored, then transposed. */
export function turnPicture<T extends Uint8Array | Float32Array>(
  pixels: T,
  width: number,
  { mirrorX, mirrorY, transpose }: Turn,
): { readonly pixels: T; readonly width: number } {
  const height = pixels.length / width;
  const stepX = mirrorX ? -1 : 1;
  const stepY = mirrorY ? -width : width;
  const origin = (mirrorX ? width - 1 : 0) + (mirrorY ? (height - 1) * width : 0);
  const [along, down] = transpose ? [stepY, stepX] : [stepX, stepY];
  const [columns, rows] = transpose ? [height, width] : [width, height];
  const out = pixels.slice() as T;
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0, from = origin + row * down; column < columns; column++, from += along)
      out[at++] = pixels[from]!;
  return { pixels: out, width: columns };
}
