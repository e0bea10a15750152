import type { PixelDetection } from '../domain/detection.js';
import type { PixelPoint } from '../domain/geometry.js';

/**
 * Each thing once. Tiles are merged by where their responses peak, and those of one large body may peak at both of its
 * ends. Once its pixels are looked at more is known: a detection within `radiusPx` of a better one, or whose outline
 * shares a pixel with its, is that one seen again, and its tiles are that one's. Only what is kept is compared with,
 * so that no chain of neighbours grows. Ranks close up.
 *
 * @param detections best first
 */
export function withoutRepeats(detections: readonly PixelDetection[], radiusPx: number): PixelDetection[] {
  const kept: PixelDetection[] = [];
  for (const detection of detections) {
    const at = kept.findIndex((better) => isSame(better, detection, radiusPx));
    const same = kept[at];
    if (same === undefined) kept.push({ ...detection, rankInImage: kept.length + 1 });
    else kept[at] = { ...same, tileCount: same.tileCount + detection.tileCount };
  }
  return kept;
}

function isSame(a: PixelDetection, b: PixelDetection, radiusPx: number): boolean {
  const across = Math.abs(a.peak.sample - b.peak.sample);
  const along = Math.abs(a.peak.line - b.peak.line);
  if (Math.hypot(across, along) <= radiusPx) return true;
  // A peak lies within its outline's extent: nearly all pairs end here.
  if (across >= a.widthPx + b.widthPx || along >= a.heightPx + b.heightPx) return false;
  return overlap(a.outline, b.outline);
}

/** Whether two rings along the sides of pixels have a pixel in common. */
function overlap(a: readonly PixelPoint[], b: readonly PixelPoint[]): boolean {
  const [left, right] = common(a, b, ({ sample }) => sample);
  const [top, bottom] = common(a, b, ({ line }) => line);
  for (let y = top + 0.5; y < bottom; y++)
    for (let x = left + 0.5; x < right; x++) if (holds(a, x, y) && holds(b, x, y)) return true;
  return false;
}

/** What two rings have in common along one axis; ends before it begins where that is nothing. */
function common(
  a: readonly PixelPoint[],
  b: readonly PixelPoint[],
  along: (point: PixelPoint) => number,
): [from: number, to: number] {
  const [ours, theirs] = [a.map(along), b.map(along)];
  return [Math.max(Math.min(...ours), Math.min(...theirs)), Math.min(Math.max(...ours), Math.max(...theirs))];
}

/** Whether the middle of a pixel lies in a ring whose sides are those of pixels. */
function holds(ring: readonly PixelPoint[], x: number, y: number): boolean {
  let inside = false;
  ring.forEach((from, i) => {
    const to = ring[(i + 1) % ring.length]!;
    if (from.line > y !== to.line > y && from.sample > x) inside = !inside;
  });
  return inside;
}
