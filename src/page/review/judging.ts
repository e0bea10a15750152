import type { Verdict } from '../../domain/review.js';
import type { DetectionList } from '../detection-list.js';
import type { Notice } from '../panel/notice.js';
import type { Selection } from '../selection.js';
import type { Reviewing } from './reviewing.js';

export interface JudgingParts {
  readonly list: DetectionList;
  readonly selection: Selection;
  readonly reviewing: Reviewing;
  readonly notice: Notice;
  /** Fetches more of the list and draws it. */
  readonly loadMore: () => Promise<void>;
}

/** Says something of the selected detection and goes on to the next. */
export class Judging {
  readonly #parts: JudgingParts;

  constructor(parts: JudgingParts) {
    this.#parts = parts;
  }

  /** Says it and goes on to the next one that nobody has reviewed. */
  async judge(verdict: Verdict): Promise<void> {
    const { selection, reviewing } = this.#parts;
    const { id } = selection;
    if (id !== null && (await reviewing.verdict(id, verdict))) await this.#goOn(id);
  }

  /** Goes to the next one that nobody has reviewed; the first where none is selected. */
  next(): void {
    const { selection, list } = this.#parts;
    const { id } = selection;
    void this.#goOn(id ?? -1);
    if (id === null) selection.select(list.queue.find(list.queue.nextUnreviewed(null)));
  }

  async note(text: string): Promise<void> {
    const { selection, reviewing } = this.#parts;
    if (selection.id !== null) await reviewing.note(selection.id, text);
  }

  async undo(): Promise<void> {
    const { selection, reviewing, notice } = this.#parts;
    const id = reviewing.undo();
    if (id !== null) await notice.guarded(() => selection.open(id));
  }

  async #goOn(id: number): Promise<void> {
    const { selection, list, notice, loadMore } = this.#parts;
    const { queue } = list;
    let next = queue.nextUnreviewed(id);
    while (next === null && queue.next !== null) {
      const before = queue.items.length;
      await notice.guarded(loadMore);
      if (queue.items.length === before) break;
      next = queue.nextUnreviewed(id);
    }
    if (selection.id === id && next !== null) selection.select(queue.find(next));
  }
}
