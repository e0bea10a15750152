import type { DetectionFeature } from '../../http/contract.js';
import { card } from './card.js';
import { element } from './dom.js';

export interface ListEvents {
  select(id: number): void;
  /** The end of the list came into sight. */
  more(): void;
}

/** Cards of detections by score; those that stay keep their elements, so that pictures do not flicker. */
export class DetectionList {
  readonly #root: HTMLOListElement;
  readonly #events: ListEvents;
  readonly #end = element('li', { className: 'end' });
  readonly #cards = new Map<number, { readonly item: HTMLLIElement; readonly version: string }>();
  #order: number[] = [];
  #selected: number | null = null;

  constructor(root: HTMLOListElement, events: ListEvents) {
    this.#root = root;
    this.#events = events;
    this.#end.ariaHidden = 'true';
    new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) events.more();
      },
      { root, rootMargin: '600px' },
    ).observe(this.#end);
  }

  /** @param fresh ids that were not there when the page was opened, to be pointed out once. */
  show(detections: readonly DetectionFeature[], fresh: ReadonlySet<number>): void {
    const kept = new Set(detections.map(({ id }) => id));
    for (const id of [...this.#cards.keys()]) if (!kept.has(id)) this.#cards.delete(id);
    const items = detections.map((detection) => {
      const { id, properties } = detection;
      const version = JSON.stringify([
        properties.chip_url,
        properties.score,
        properties.known_object,
        properties.rank_in_image,
      ]);
      const there = this.#cards.get(id);
      if (there?.version === version) return there.item;
      const item = card(detection, fresh.has(id), () => this.#events.select(id));
      this.#cards.set(id, { item, version });
      return item;
    });
    this.#order = detections.map(({ id }) => id);
    const focused = document.activeElement;
    this.#root.replaceChildren(...items, this.#end);
    if (focused instanceof HTMLElement && this.#root.contains(focused))
      focused.focus({ preventScroll: true });
    this.#mark();
  }

  /** Marks a card and brings it into sight. */
  select(id: number | null, focus: boolean): void {
    this.#selected = id;
    this.#mark();
    const item = id === null ? undefined : this.#cards.get(id)?.item;
    item?.scrollIntoView({ block: 'nearest' });
    if (focus) item?.querySelector<HTMLElement>('.card')?.focus({ preventScroll: true });
  }

  /** Id so many cards on from the selected one; the first where none is selected. */
  neighbour(step: number): number | null {
    const at = this.#selected === null ? -1 : this.#order.indexOf(this.#selected);
    if (at < 0) return this.#order[0] ?? null;
    return this.#order[Math.max(0, Math.min(this.#order.length - 1, at + step))] ?? null;
  }

  /** One card takes part in tabbing: the selected one, else the first. */
  #mark(): void {
    const selected = this.#selected !== null && this.#cards.has(this.#selected) ? this.#selected : null;
    const reachable = selected ?? this.#order[0];
    for (const [id, { item }] of this.#cards) {
      item.classList.toggle('is-selected', id === selected);
      for (const part of item.querySelectorAll<HTMLElement>('button, a'))
        part.tabIndex = id === reachable ? 0 : -1;
      const button = item.querySelector('button');
      if (button !== null) button.ariaCurrent = id === selected ? 'true' : null;
    }
  }
}
