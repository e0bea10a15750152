import type { Verdict } from '../../domain/review.js';
import type { DetectionDetail, ReviewStateAnswer } from '../../http/contract.js';
import { api } from '../api.js';
import type { Reviewer } from './reviewer.js';
import { UndoStack, type Said } from './undo.js';

type Reviews = DetectionDetail['reviews'];

/** Detections of which the reviews are kept in mind. */
const MOST_KEPT = 500;

export interface ReviewingEvents {
  /** Something was said, or taken back, and the server keeps it. */
  kept(state: ReviewStateAnswer): void;
  failed(error: unknown): void;
}

/** Says things of detections by the name of who reviews, one after the other, and takes them back. */
export class Reviewing {
  readonly #reviewer: Reviewer;
  readonly #events: ReviewingEvents;
  readonly #undo = new UndoStack();
  readonly #reviews = new Map<number, Reviews>();
  #turn: Promise<void> = Promise.resolve();

  constructor(reviewer: Reviewer, events: ReviewingEvents) {
    this.#reviewer = reviewer;
    this.#events = events;
  }

  get undoable(): boolean {
    return this.#undo.size > 0;
  }

  /** What each reviewer says of a detection; null where that was not asked for yet. */
  reviewsOf(id: number): Reviews | null {
    return this.#reviews.get(id) ?? null;
  }

  learn(id: number, reviews: Reviews): void {
    this.#reviews.delete(id);
    this.#reviews.set(id, reviews);
    const [oldest] = this.#reviews.keys();
    if (this.#reviews.size > MOST_KEPT && oldest !== undefined) this.#reviews.delete(oldest);
  }

  /** @returns false where nobody gave a name */
  async verdict(id: number, verdict: Verdict): Promise<boolean> {
    return this.#say(id, (before) => ({ verdict, note: before?.note ?? null }));
  }

  async note(id: number, text: string): Promise<boolean> {
    const note = text.trim() === '' ? null : text.trim();
    return this.#say(id, (before) => ({ verdict: before?.verdict ?? null, note }));
  }

  /** @returns the detection that the last step was about; null where there is none */
  undo(): number | null {
    const step = this.#undo.pop();
    const name = this.#reviewer.name;
    if (step === null || name === '') return null;
    this.#queue(() => this.#send(step.id, name, step.before));
    return step.id;
  }

  async #say(id: number, change: (before: Said) => Said): Promise<boolean> {
    const name = await this.#reviewer.ask();
    if (name === null) return false;
    this.#queue(async () => {
      if (!this.#reviews.has(id)) this.learn(id, (await api.detection(id)).reviews);
      const mine = this.#reviews.get(id)?.find(({ reviewer }) => reviewer === name);
      const before: Said = mine === undefined ? null : { verdict: mine.verdict, note: mine.note };
      await this.#send(id, name, change(before));
      this.#undo.push(id, before);
    });
    return true;
  }

  async #send(id: number, reviewer: string, said: Said): Promise<void> {
    const nothing = said === null || (said.verdict === null && said.note === null);
    const state = nothing
      ? await api.withdraw(id, reviewer)
      : await api.review(id, { reviewer, verdict: said.verdict, note: said.note });
    this.learn(id, state.reviews);
    this.#events.kept(state);
  }

  /** In the order in which things were said, whatever the network does. */
  #queue(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.#events.failed(error));
  }
}
