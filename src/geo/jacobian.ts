import type { PixelVector } from '../domain/geometry.js';
import type { PlanePoint } from './local-projection.js';

/** Derivatives of the place on a plane: metres per sample and metres per line. */
export interface Jacobian {
  readonly perSample: PlanePoint;
  readonly perLine: PlanePoint;
}

/** Unit vector in pixels of a step (dx, dy) on the ground: the inverse Jacobian undoes flips and aspect. */
export function directionInImage({ perSample, perLine }: Jacobian, dx: number, dy: number): PixelVector {
  const determinant = perSample.x * perLine.y - perSample.y * perLine.x;
  const x = (dx * perLine.y - dy * perLine.x) / determinant;
  const y = (perSample.x * dy - perSample.y * dx) / determinant;
  const length = Math.hypot(x, y);
  return { x: x / length, y: y / length };
}
