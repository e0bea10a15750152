import { WHOLE_FRAME } from '../../src/domain/whole-frame.js';
import { planGrid } from '../../src/tiling/grid.js';
import { atLeast } from '../../src/evaluation/threshold-table.js';
import type { BenchImage, BenchObject } from './draws.js';

const { xs, ys } = planGrid(WHOLE_FRAME, { size: 64, strideX: 32, strideY: 32 });
/** Tiles of a whole NAC frame as a scan lays them: 154 x 1631. */
export const FRAME_TILES = xs.length * ys.length;

/** How far up an object's best tile stands among all plain tiles: shares of objects, and alarms. */
export interface Found {
  /** Share of objects in the top 0.2, 1 and 5 % of tiles. */
  readonly top: readonly number[];
  /** Plain tiles in a million at or above the score that 50 and 90 % of the objects reach. */
  readonly alarmsPerMillion: readonly number[];
}

export const TOP_SHARES = [0.002, 0.01, 0.05] as const;
export const FOUND_SHARES = [0.5, 0.9] as const;

export function foundOf(name: string, images: readonly BenchImage[], objects: readonly BenchObject[]): Found {
  const total = images.reduce((sum, { plain }) => sum + plain.get(name)!.length, 0);
  const alarms = (score: number): number =>
    images.reduce((sum, { plain }) => sum + atLeast(plain.get(name)!, score), 0);
  const best = Float64Array.from(objects, ({ tiles }) => Math.max(...tiles.get(name)!))
    .sort()
    .reverse();
  const ranks = Array.from(best, (score) => alarms(score) / total);
  return {
    top: TOP_SHARES.map((share) => ranks.filter((rank) => rank <= share).length / ranks.length),
    alarmsPerMillion: FOUND_SHARES.map(
      (share) => 1e6 * (ranks[Math.max(0, Math.ceil(share * ranks.length) - 1)] ?? NaN),
    ),
  };
}

/** Probability that an object of the one kind outranks one of the other, both by their best tiles. */
export function outranks(
  name: string,
  objects: readonly BenchObject[],
  others: readonly BenchObject[],
): number {
  const best = (of: readonly BenchObject[]): Float64Array =>
    Float64Array.from(of, ({ tiles }) => Math.max(...tiles.get(name)!));
  const against = best(others).sort();
  let sum = 0;
  for (const score of best(objects)) {
    const notBelow = atLeast(against, score);
    const above = atLeast(against, nextUp(score));
    sum += (against.length - notBelow + 0.5 * (notBelow - above)) / against.length;
  }
  return sum / objects.length;
}

/** The least number above a finite one. */
function nextUp(value: number): number {
  const bits = new BigInt64Array(1);
  const floats = new Float64Array(bits.buffer);
  if (value === 0) return Number.MIN_VALUE;
  floats[0] = value;
  bits[0]! += value > 0 ? 1n : -1n;
  return floats[0];
}
