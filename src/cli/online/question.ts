import type { ArchiveFacts } from './archive-facts.js';

/** What the archive answered to one question. */
export interface Finding {
  /** One line. */
  readonly text: string;
  /** Whether the product's code holds with it; null where it assumes nothing. */
  readonly holds: boolean | null;
}

/** One fact that nobody could confirm without the archive. */
export interface Question {
  /** What a person would ask. */
  readonly text: string;
  /** @throws user-facing errors where the archive gives no answer */
  answer(facts: ArchiveFacts): Promise<Finding>;
}

/** A finding that the code rests on. */
export function assumed(holds: boolean, text: string): Finding {
  return { text, holds };
}

/** A finding that is good to know. */
export function told(text: string): Finding {
  return { text, holds: null };
}
