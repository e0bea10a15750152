/** A scan as the measure of a deployment's speed. */
export interface PacedScan {
  readonly finishedAt: Date;
  /** Wall time of the scan itself, without its fetch. */
  readonly seconds: number;
  readonly pixels: number;
  /** Of the file; null where it was not kept. */
  readonly bytes: number | null;
}

/** What a deployment does while it has work. */
export interface Capacity {
  /** Scans that this was measured on. */
  readonly scans: number;
  readonly imagesPerDay: number;
  readonly pixelsPerSecond: number;
  /** Of the files; null where no size is known. */
  readonly bytesPerPixel: number | null;
}

/** A pause between two scans up to this long is work: fetching, spacing, a commit. Longer ones had no work. */
const LONGEST_GAP_MS = 120_000;
const DAY_MS = 86_400_000;

/**
 * Throughput while there was work: scans, over all workers, per time in which at least one ran or was about to.
 * @param scans in any order; null where there is none
 */
export function capacityOf(scans: readonly PacedScan[]): Capacity | null {
  const spans = scans
    .map(({ finishedAt, seconds }) => ({
      from: finishedAt.getTime() - seconds * 1000,
      to: finishedAt.getTime(),
    }))
    .sort((a, b) => a.from - b.from);
  let busyMs = 0;
  let end = -Infinity;
  for (const { from, to } of spans) {
    const begin = from - end <= LONGEST_GAP_MS ? end : from;
    busyMs += Math.max(0, to - begin);
    end = Math.max(end, to);
  }
  if (busyMs === 0) return null;
  const pixels = sum(scans.map((scan) => scan.pixels));
  const sized = scans.filter((scan) => scan.bytes !== null);
  const sizedPixels = sum(sized.map((scan) => scan.pixels));
  return {
    scans: scans.length,
    imagesPerDay: (scans.length / busyMs) * DAY_MS,
    pixelsPerSecond: pixels / (busyMs / 1000),
    bytesPerPixel: sizedPixels === 0 ? null : sum(sized.map((scan) => scan.bytes ?? 0)) / sizedPixels,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
