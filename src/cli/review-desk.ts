import { liveEfficiency } from '../evaluation/live-eomv.js';
import type { ReviewDesk } from '../http/review-desk.js';
import { rememberByCost } from '../http/remember.js';
import type { Database } from '../store/database.js';
import {
  countDetections,
  countGroundTiles,
  countVerdicts,
  listReviewers,
  reviewRevision,
  tallyReviews,
  type ReviewFilter,
} from '../store/queries/review-progress.js';
import { writeReview } from '../store/queries/write-review.js';
import { ReviewLearner } from './review-learner.js';

/** At most: counting everything takes long in a large database and changes little from one review to the next. */
const COUNTS_MS = 15_000;
/** Filters whose counts are kept at one time. */
const MOST_FILTERS = 50;

/** Reviews in a database, with what follows from them. */
export function createReviewDesk(db: Database): ReviewDesk {
  const learner = new ReviewLearner(db);
  const tiles = rememberByCost(COUNTS_MS, () => countGroundTiles(db));
  const counts = new Map<string, () => Promise<number>>();
  const countOf = (filter: ReviewFilter): Promise<number> => {
    const key = JSON.stringify(filter);
    if (!counts.has(key)) {
      const [oldest] = counts.keys();
      if (counts.size >= MOST_FILTERS && oldest !== undefined) counts.delete(oldest);
      counts.set(
        key,
        rememberByCost(COUNTS_MS, () => countDetections(db, filter)),
      );
    }
    return counts.get(key)!();
  };
  return {
    async write(detection, review) {
      const state = await writeReview(db, detection, review);
      if (state !== null) learner.reviewed();
      return state;
    },
    async withdraw(detection, reviewer) {
      const state = await writeReview(db, detection, { reviewer, withdrawn: true });
      if (state !== null) learner.reviewed();
      return state;
    },
    async standing(filter) {
      const [detections, verdicts, reviewers, revision, ground, tally, learned] = await Promise.all([
        countOf(filter),
        countVerdicts(db, filter),
        listReviewers(db),
        reviewRevision(db),
        tiles(),
        tallyReviews(db),
        learner.standing(),
      ]);
      const whole = { tiles: ground, ...tally };
      return {
        detections,
        reviewed: Object.values(verdicts).reduce((sum, count) => sum + count, 0),
        verdicts,
        reviewers,
        revision,
        efficiency: { ...whole, ...liveEfficiency(whole) },
        learned,
      };
    },
    close: () => learner.close(),
  };
}
