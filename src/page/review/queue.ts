import type { DetectionCollection, DetectionFeature, ReviewStateAnswer } from '../../http/contract.js';

/** The detections that were loaded, in the order in which they are reviewed, and where the next page begins. */
export class ReviewQueue {
  #items: readonly DetectionFeature[] = [];
  #places = new Map<number, number>();
  #next: string | null = null;

  get items(): readonly DetectionFeature[] {
    return this.#items;
  }

  /** Cursor of the next page; null where all is loaded. */
  get next(): string | null {
    return this.#next;
  }

  /**
   * Takes the beginning of the order anew. Where more was loaded before than comes now, the rest stays: it is what
   * stood behind the last of those that came.
   */
  replace({ features, next }: DetectionCollection): void {
    const last = features.at(-1);
    const cut = last === undefined ? undefined : this.#places.get(last.id);
    if (next === null || cut === undefined || cut + 1 >= this.#items.length) {
      this.#set(features, next);
      return;
    }
    const fresh = new Set(features.map(({ id }) => id));
    this.#set([...features, ...this.#items.slice(cut + 1).filter(({ id }) => !fresh.has(id))], this.#next);
  }

  /** Forgets what was loaded: another filter or order asks for something else. */
  restart({ features, next }: DetectionCollection): void {
    this.#set(features, next);
  }

  append({ features, next }: DetectionCollection): void {
    const added = features.filter(({ id }) => !this.#places.has(id));
    this.#set([...this.#items, ...added], next);
  }

  find(id: number | null): DetectionFeature | null {
    return id === null ? null : (this.#items[this.placeOf(id)] ?? null);
  }

  /** Place in the order, -1 where it was not loaded. */
  placeOf(id: number | null): number {
    return (id === null ? undefined : this.#places.get(id)) ?? -1;
  }

  /** So many places on from a detection, at most to the first or last; the first where none is given. */
  neighbour(id: number | null, step: number): number | null {
    const at = this.placeOf(id);
    const to = at < 0 ? 0 : Math.max(0, Math.min(this.#items.length - 1, at + step));
    return this.#items[to]?.id ?? null;
  }

  /** The next one behind a detection that nobody has reviewed; null where none was loaded. */
  nextUnreviewed(id: number | null): number | null {
    for (let i = this.placeOf(id) + 1; i < this.#items.length; i++) {
      const item = this.#items[i]!;
      if (item.properties.review === null) return item.id;
    }
    return null;
  }

  /** Takes over what a review made of a detection; its place stays. */
  review(state: Pick<ReviewStateAnswer, 'id' | 'review' | 'reviewer' | 'reviewed_at'>): void {
    const at = this.placeOf(state.id);
    const item = this.#items[at];
    if (item === undefined) return;
    const { review, reviewer, reviewed_at } = state;
    const items = [...this.#items];
    items[at] = { ...item, properties: { ...item.properties, review, reviewer, reviewed_at } };
    this.#items = items;
  }

  #set(items: readonly DetectionFeature[], next: string | null): void {
    this.#items = items;
    this.#places = new Map(items.map(({ id }, place) => [id, place]));
    this.#next = next;
  }
}
