import type { ReviewTally } from '../domain/review.js';

/** What reviewing has gained over looking at tiles at random; null where nothing was found yet. */
export interface LiveEfficiency {
  /** Share of reviewed detections that are something. */
  readonly precision: number | null;
  /** Reviewed detections as a share of the tiles that looking at everything would take. */
  readonly reviewed_share: number | null;
  /** By what people looked at, in the order in which they did. */
  readonly eomv: number | null;
  /** By the order of the score: as if everything down to the lowest find had been looked at. */
  readonly eomv_by_score: number | null;
}

/**
 * Efficiency over manual vetting of a review that goes on.
 *
 * EoMV = PaTR / precision of random order (Lesnikowski, Bickel and Angerhausen 2020, section 2.3). With F finds
 * among N tiles, of which L looks brought all F, that is (F / L) / (F / N) = N / L: "the fraction of images needed to
 * be vetted by a human using a random search over the ratio of images needed to be vetted by a human using our
 * model". The finds are those known so far, so that it says nothing of what nobody has looked at.
 */
export function liveEfficiency({ tiles, reviewed, finds, looks, depth }: ReviewTally): LiveEfficiency {
  const over = (of: number, by: number): number | null => (of > 0 && by > 0 ? of / by : null);
  return {
    precision: reviewed > 0 ? finds / reviewed : null,
    reviewed_share: over(reviewed, tiles) ?? (tiles > 0 ? 0 : null),
    eomv: finds > 0 ? over(tiles, looks) : null,
    eomv_by_score: finds > 0 ? over(tiles, depth) : null,
  };
}
