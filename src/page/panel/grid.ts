import type { DetectionFeature } from '../../http/contract.js';
import { cell, type CellLook } from './cell.js';
import { element } from './dom.js';

/** Least width of a cell and its height, as page.css draws them. */
const CELL_WIDTH = 100;
const CELL_HEIGHT = 124;
/** Rows kept above and below what is seen. */
const OVERSCAN = 3;
/** Rows before the end of what is loaded at which more is asked for. */
const AHEAD = 8;

export interface GridEvents {
  select(id: number): void;
  closeUp(): void;
  /** The end of what is loaded comes into sight. */
  more(): void;
}

/**
 * Chips in rows, best first. Only those in sight are elements, however many there are; the grid itself has the
 * focus and names the selected one as its active descendant.
 */
export class ChipGrid {
  readonly #root: HTMLElement;
  readonly #events: GridEvents;
  readonly #space = element('div', { className: 'space', role: 'presentation' });
  readonly #cells = new Map<number, { readonly node: HTMLElement; readonly version: string }>();
  #items: readonly DetectionFeature[] = [];
  #total = 0;
  #fresh: ReadonlySet<number> = new Set();
  #selected: number | null = null;
  #columns = 1;

  constructor(root: HTMLElement, events: GridEvents) {
    this.#root = root;
    this.#events = events;
    root.append(this.#space);
    root.addEventListener('scroll', () => this.#draw(), { passive: true });
    root.addEventListener('click', (event) => {
      const id = idAt(event);
      if (id !== null) events.select(id);
    });
    root.addEventListener('dblclick', (event) => {
      if (idAt(event) !== null) events.closeUp();
    });
    new ResizeObserver(() => this.#draw()).observe(root);
  }

  /** Cells side by side: a step of one row. */
  get columns(): number {
    return this.#columns;
  }

  /** Rows in sight: a step of one page. */
  get rows(): number {
    return Math.max(1, Math.floor(this.#root.clientHeight / CELL_HEIGHT));
  }

  /**
   * @param total how many there are in all, as far as it is known
   * @param fresh ids that were not there when the page was opened, to be pointed out once
   */
  show(items: readonly DetectionFeature[], total: number, fresh: ReadonlySet<number>): void {
    this.#items = items;
    this.#total = Math.max(total, items.length);
    this.#fresh = fresh;
    this.#draw();
  }

  /** Marks the cell at a place of the order, -1 = none. @param reveals whether it is brought into sight */
  select(place: number, reveals: boolean): void {
    this.#selected = this.#items[place]?.id ?? null;
    if (place >= 0 && reveals) {
      const top = Math.floor(place / this.#columns) * CELL_HEIGHT;
      const { scrollTop, clientHeight } = this.#root;
      if (top < scrollTop) this.#root.scrollTop = top;
      else if (top + CELL_HEIGHT > scrollTop + clientHeight)
        this.#root.scrollTop = top + CELL_HEIGHT - clientHeight;
    }
    this.#draw();
  }

  focus(): void {
    this.#root.focus({ preventScroll: true });
  }

  #draw(): void {
    const width = this.#space.clientWidth;
    if (width === 0) return;
    this.#columns = Math.max(1, Math.floor(width / CELL_WIDTH));
    const { scrollTop, clientHeight } = this.#root;
    const rows = Math.ceil(this.#items.length / this.#columns);
    this.#space.style.height = `${rows * CELL_HEIGHT}px`;
    const first = Math.max(0, Math.floor(scrollTop / CELL_HEIGHT) - OVERSCAN);
    const last = Math.min(rows, Math.ceil((scrollTop + clientHeight) / CELL_HEIGHT) + OVERSCAN);
    const [from, until] = [first * this.#columns, Math.min(last * this.#columns, this.#items.length)];
    const shown = new Set(this.#items.slice(from, until).map(({ id }) => id));
    for (const [id, { node }] of this.#cells) {
      if (shown.has(id)) continue;
      node.remove();
      this.#cells.delete(id);
    }
    let before: Element | null = null;
    for (let i = from; i < until; i++) {
      const node = this.#cellOf(this.#items[i]!, i);
      this.#place(node, i, width);
      // In the document they stand in the order in which they are seen, for those who have it read to them.
      if (node.parentElement === null || node.previousElementSibling !== before) {
        if (before === null) this.#space.prepend(node);
        else before.after(node);
      }
      before = node;
    }
    const active = this.#selected !== null && shown.has(this.#selected) ? `cell-${this.#selected}` : '';
    if (active === '') this.#root.removeAttribute('aria-activedescendant');
    else this.#root.setAttribute('aria-activedescendant', active);
    if (last + AHEAD >= rows && this.#items.length < this.#total) this.#events.more();
  }

  #cellOf(item: DetectionFeature, place: number): HTMLElement {
    const { id, properties } = item;
    const look: CellLook = {
      selected: id === this.#selected,
      fresh: this.#fresh.has(id),
      place,
      total: this.#total,
    };
    const { chip_url, score, known_object, review } = properties;
    const version = JSON.stringify([chip_url, score, known_object, review, look]);
    const there = this.#cells.get(id);
    if (there?.version === version) return there.node;
    const node = cell(item, look, there?.node);
    this.#cells.set(id, { node, version });
    return node;
  }

  #place(node: HTMLElement, i: number, width: number): void {
    const [row, column] = [Math.floor(i / this.#columns), i % this.#columns];
    node.style.width = `${width / this.#columns}px`;
    node.style.transform = `translate(${(column * width) / this.#columns}px, ${row * CELL_HEIGHT}px)`;
  }
}

function idAt(event: MouseEvent): number | null {
  const node = event.target instanceof Element ? event.target.closest<HTMLElement>('.cell') : null;
  return node === null ? null : Number(node.dataset['id']);
}
