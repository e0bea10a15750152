import type { Calibration } from './calibration.js';
import { fitTail } from './generalised-pareto.js';
import { FEWEST_TILES, type ImageScores, type PooledStatistics, type ScoreName } from './normalise.js';
import { quantile, sortedNumbers, type RobustSpread } from './robust.js';

/** Knots between the lowest score and the tail. */
const KNOTS = 64;
/** Share of plain tiles that the tail is fitted to, and the fewest it needs. */
const TAIL_SHARE = 0.02;
const FEWEST_IN_TAIL = 30;

/**
 * Learns the scores of plain terrain, every tile counting alike, whatever its light.
 *
 * @param images scores of images without hardware.
 * @throws RangeError when there are fewer than 100 scored tiles, too few for a distribution.
 */
export function fitCalibration(images: readonly ImageScores[], score: ScoreName = 'b'): Calibration {
  const scores = sortedNumbers(images.flatMap((image) => Array.from(image.named[score])));
  const n = scores.length;
  if (n < FEWEST_TILES) {
    throw new RangeError(
      `a calibration needs ${FEWEST_TILES} scored tiles of plain terrain, ${n} were given`,
    );
  }
  const inTail = Math.max(FEWEST_IN_TAIL, Math.floor(n * TAIL_SHARE));
  const knots: { raw: number; score: number }[] = [];
  for (let i = 0; i <= KNOTS; i++) {
    // Ranks equally far apart in log survival near the tail, in survival below.
    const above = Math.round(n * (1 - (i / KNOTS) * (1 - inTail / n)));
    const rank = n - above;
    const raw = scores[rank]!;
    const share = (above + 0.5) / (n + 1);
    if (knots.length === 0 || raw > knots[knots.length - 1]!.raw)
      knots.push({ raw, score: -Math.log10(share) });
  }
  const last = knots[knots.length - 1]!;
  const excesses = scores.subarray(n - inTail).map((raw) => Math.max(0, raw - last.raw));
  return { score, tiles: n, knots, tail: fitTail(excesses), pooled: pool(images) };
}

/** The median image. */
function pool(images: readonly ImageScores[]): PooledStatistics {
  const terrains = images.filter((image) => image.statistics).map((image) => image.terrain);
  const median = (of: (terrain: PooledStatistics) => number): number =>
    quantile(sortedNumbers(terrains.map(of)), 0.5);
  const spread = (of: (terrain: PooledStatistics) => RobustSpread): RobustSpread => ({
    median: median((t) => of(t).median),
    mad: median((t) => of(t).mad),
  });
  return { mad: median((t) => t.mad), logA: spread((t) => t.logA), logBright: spread((t) => t.logBright) };
}
