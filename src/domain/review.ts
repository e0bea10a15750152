/** What a person says of a detection. */
export const VERDICTS = ['accept', 'reject', 'known', 'artefact'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts that say that something is there: the positives of the paper's metrics. */
export const FINDS: readonly Verdict[] = ['accept', 'known'];

/** Most characters of a reviewer's name, and of a note. */
export const MAX_REVIEWER = 80;
export const MAX_NOTE = 2000;

/** What one person says of one detection; without a verdict a note alone. */
export interface Review {
  readonly reviewer: string;
  readonly verdict: Verdict | null;
  readonly note: string | null;
}

/** A review as it is kept. */
export interface KeptReview extends Review {
  readonly at: Date;
}

/** How a detection stands after a review. */
export interface ReviewState {
  readonly id: number;
  /** Verdict that counts: that of most reviewers of the place, of equally many the latest. */
  readonly review: string | null;
  /** Who gave it last. */
  readonly reviewer: string | null;
  readonly reviewed_at: Date | null;
  /** What each reviewer says of the detection itself, the earliest first. */
  readonly reviews: readonly KeptReview[];
}

/** How far the reviewing of some detections has come. */
export interface ReviewProgress {
  readonly detections: number;
  readonly reviewed: number;
  /** Of those reviewed, by the verdict that counts. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Who has reviewed anything, by name. */
  readonly reviewers: readonly string[];
}

/** What `liveEomv` is made of: current detections of the active model, wherever they lie. */
export interface ReviewTally {
  /** Tiles of 64 x 64 pixels without overlap that cover what was scored. */
  readonly tiles: number;
  readonly reviewed: number;
  /** Reviewed detections that are something: accepted or known. */
  readonly finds: number;
  /** Reviewed detections up to and with the last find, in the order of reviewing. */
  readonly looks: number;
  /** Detections that score as high as the lowest find, reviewed or not. */
  readonly depth: number;
}

/** How the order that is learnt from the reviews stands. */
export interface LearnedStanding {
  /** `waiting`: too few reviews; `applied`: better than the score; `not-better`: learnt and not used. */
  readonly state: 'waiting' | 'learning' | 'applied' | 'not-better' | 'failed';
  /** One sentence. */
  readonly remark: string;
  /** What it was learnt from. */
  readonly reviewed: number;
  readonly finds: number;
  /** Cross-validated on the reviewed, of the score's order and the learned one; null where nothing was learnt. */
  readonly ap_score: number | null;
  readonly ap_learned: number | null;
  /** 95 % interval of their difference. */
  readonly gain_low: number | null;
  readonly gain_high: number | null;
  readonly eomv_score: number | null;
  readonly eomv_learned: number | null;
  readonly learned_at: string | null;
  /** Detections that have a learned value. */
  readonly ranked: number;
}
