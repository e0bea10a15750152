import type { PixelPoint } from '../domain/geometry.js';

/** Lines between two points of a coverage ring: enough for the curve of a strip on any map. */
const LINES_PER_POINT = 1024;

/**
 * Ring around the valid area of an image, for `GroundModel.polygon`: outer edges of the pixels, closed,
 * with a point at least every 1024 lines along both sides.
 * @param columns first valid column and the one after the last
 */
export function coverageRing(columns: { from: number; to: number }, height: number): PixelPoint[] {
  const steps = Math.max(1, Math.ceil(height / LINES_PER_POINT));
  const lines = Array.from({ length: steps + 1 }, (_, i) => (i * height) / steps);
  const ring = [
    ...lines.map((line) => ({ sample: columns.to, line })),
    ...lines.reverse().map((line) => ({ sample: columns.from, line })),
  ];
  return [...ring, ring[0] as PixelPoint];
}
