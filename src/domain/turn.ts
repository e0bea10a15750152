import type { PixelVector } from './geometry.js';

/** One of the eight ways to lay a square of pixels onto itself: mirrored in x, in y, then transposed. */
export interface Turn {
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
  readonly transpose: boolean;
}

/** All eight: with each, another octant of directions comes to lie between 0 and 45 degrees. */
export const TURNS: readonly Turn[] = Array.from({ length: 8 }, (_, i) => ({
  mirrorX: (i & 1) !== 0,
  mirrorY: (i & 2) !== 0,
  transpose: (i & 4) !== 0,
}));

/** Degrees from +x in the first octant, where a turned direction lies. */
const OCTANT_DEG = 45;

/** The turn after which a direction lies between +x and the diagonal, and where it lies there, degrees 0..45. */
export function turnInto(direction: PixelVector): { turn: Turn; angleDeg: number } {
  const x = Math.abs(direction.x);
  const y = Math.abs(direction.y);
  const turn = { mirrorX: direction.x < 0, mirrorY: direction.y < 0, transpose: y > x };
  return { turn, angleDeg: (Math.atan2(Math.min(x, y), Math.max(x, y)) * 180) / Math.PI };
}

/** An angle within the octant as -1..1. */
export function octantShare(angleDeg: number): number {
  return (2 * angleDeg) / OCTANT_DEG - 1;
}

/** Where cell (x, y) of a turned square of `size` cells lay before. */
export function turnBack(
  cell: { x: number; y: number },
  size: number,
  { mirrorX, mirrorY, transpose }: Turn,
): { x: number; y: number } {
  const x = transpose ? cell.y : cell.x;
  const y = transpose ? cell.x : cell.y;
  return { x: mirrorX ? size - 1 - x : x, y: mirrorY ? size - 1 - y : y };
}
