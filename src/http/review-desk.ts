import type { LearnedStanding, Review, ReviewProgress, ReviewState } from '../domain/review.js';
import type { DetectionQuestion } from '../domain/results.js';

/** Progress under a filter, and of the whole: what the reviews gained so far. */
export interface ReviewStanding extends ReviewProgress {
  /** A word that changes with every review. */
  readonly revision: string;
  readonly efficiency: {
    readonly tiles: number;
    readonly reviewed: number;
    readonly finds: number;
    readonly looks: number;
    readonly depth: number;
    readonly precision: number | null;
    readonly reviewed_share: number | null;
    readonly eomv: number | null;
    readonly eomv_by_score: number | null;
  };
  readonly learned: LearnedStanding;
}

/** What the API needs to keep reviews; null where there is no such detection. */
export interface ReviewDesk {
  write(detection: number, review: Review): Promise<ReviewState | null>;
  withdraw(detection: number, reviewer: string): Promise<ReviewState | null>;
  standing(filter: Omit<DetectionQuestion, 'after' | 'limit' | 'order'>): Promise<ReviewStanding>;
  /** Ends what runs in the background. */
  close(): Promise<void>;
}
