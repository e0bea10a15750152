import type { DetectionFeature } from '../http/contract.js';
import { PAGE_SIZE, api, type DetectionFilter, type Order } from './api.js';
import { ReviewQueue } from './review/queue.js';

/** The API's largest page: a longer list is refreshed to this length. */
const MOST = 1000;

export interface ListQuestion {
  readonly filter: DetectionFilter;
  readonly order: Order;
}

/**
 * The detections under the filters, fetched a page at a time. An answer to a question that was asked before the latest
 * one is dropped.
 */
export class DetectionList {
  readonly queue = new ReviewQueue();
  readonly #question: () => ListQuestion;
  /** Ids that were ever fetched, and those that came while the page was open. */
  readonly #seen = new Set<number>();
  readonly #fresh = new Set<number>();
  #asked = 0;
  #loadingMore = false;

  constructor(question: () => ListQuestion) {
    this.#question = question;
  }

  /** Ids of what is to be pointed out as new. */
  get fresh(): ReadonlySet<number> {
    return this.#fresh;
  }

  /** Another filter or order: what was loaded is forgotten. @returns false where the answer was dropped */
  async restart(): Promise<boolean> {
    const turn = (this.#asked += 1);
    const { filter, order } = this.#question();
    const answer = await api.detections(filter, order, null);
    if (turn !== this.#asked) return false;
    this.#see(answer.features);
    this.queue.restart(answer);
    return true;
  }

  /**
   * Fetches the list anew, as long as it was.
   * @param announces whether what is new is to be pointed out @returns false where the answer was dropped
   */
  async load(size?: number, announces = false): Promise<boolean> {
    const turn = (this.#asked += 1);
    const { filter, order } = this.#question();
    const limit = size ?? Math.max(PAGE_SIZE, Math.min(MOST, this.queue.items.length));
    const answer = await api.detections(filter, order, null, limit);
    if (turn !== this.#asked) return false;
    if (announces) for (const { id } of answer.features) if (!this.#seen.has(id)) this.#fresh.add(id);
    this.#see(answer.features);
    this.queue.replace(answer);
    return true;
  }

  /** Fetches the next page. @returns false where there is none, it is on its way, or the answer was dropped */
  async loadMore(): Promise<boolean> {
    if (this.queue.next === null || this.#loadingMore) return false;
    this.#loadingMore = true;
    const turn = this.#asked;
    try {
      const { filter, order } = this.#question();
      const answer = await api.detections(filter, order, this.queue.next);
      if (turn !== this.#asked) return false;
      this.#see(answer.features);
      this.queue.append(answer);
      return true;
    } finally {
      this.#loadingMore = false;
    }
  }

  #see(features: readonly DetectionFeature[]): void {
    for (const { id } of features) this.#seen.add(id);
  }
}
