import { SCORE_STEPS } from '../domain/overview.js';
import type { PlanePoint } from '../geo/local-projection.js';
import type { ImageMap } from './image-map.js';
import type { SiteScan } from './site-data.js';

/**
 * The highest score that an image gave a tile within reach of a place; null where it did not look there: the place
 * is outside, or its tiles are masked. Infinity where the image covers it but does not tell.
 *
 * @param at where the place lies by the image's own account, plane metres
 * @param reachM how far off that may be
 */
export function scoredAt(scan: SiteScan, map: ImageMap, at: PlanePoint, reachM: number): number | null {
  const { samples, lines, columns, rows, cell, scores } = scan;
  const pixel = map.pixelAt(at);
  if (!(pixel.sample >= 0 && pixel.line >= 0 && pixel.sample < samples && pixel.line < lines)) return null;
  if (scores === null) return Infinity;
  const [u, v] = [pixel.sample / cell, pixel.line / cell];
  if (scores[Math.floor(v) * columns + Math.floor(u)] === 0) return null;
  const reach = reachM / (map.pixelM * cell);
  let highest = 0;
  for (
    let row = Math.max(0, Math.floor(v - reach));
    row <= Math.min(rows - 1, Math.floor(v + reach));
    row++
  ) {
    for (
      let column = Math.max(0, Math.floor(u - reach));
      column <= Math.min(columns - 1, Math.floor(u + reach));
      column++
    )
      highest = Math.max(highest, scores[row * columns + column]!);
  }
  // The last step stands for all that is higher.
  return highest === 255 ? Infinity : (highest - 1) / SCORE_STEPS;
}
