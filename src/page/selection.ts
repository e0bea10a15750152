import type { DetectionFeature, ReviewStateAnswer } from '../http/contract.js';
import { api } from './api.js';
import type { DetectionList } from './detection-list.js';
import { linkedDetection } from './link.js';
import type { MapPane } from './map-pane.js';
import type { ChipGrid } from './panel/grid.js';
import type { Notice } from './panel/notice.js';
import type { Reviewing } from './review/reviewing.js';

export interface SelectionParts {
  readonly list: DetectionList;
  readonly grid: ChipGrid;
  readonly map: MapPane;
  readonly reviewing: Reviewing;
  readonly notice: Notice;
  /** Brings the page to what is known. */
  readonly draw: () => void;
}

/** The one detection that is shown in full, marked in the grid and on the map. */
export class Selection {
  readonly #parts: SelectionParts;
  #detection: DetectionFeature | null = null;

  constructor(parts: SelectionParts) {
    this.#parts = parts;
  }

  get detection(): DetectionFeature | null {
    return this.#detection;
  }

  get id(): number | null {
    return this.#detection?.id ?? null;
  }

  select(detection: DetectionFeature | null): void {
    const { list, grid, map, reviewing, notice, draw } = this.#parts;
    this.#detection = detection;
    draw();
    grid.select(list.queue.placeOf(this.id), true);
    map.select(detection);
    if (detection === null) return;
    const { id } = detection;
    void notice.guarded(async () => {
      const { outline, reviews } = await api.detection(id);
      reviewing.learn(id, reviews);
      if (this.#detection?.id !== id) return;
      map.outline(this.#detection, outline);
      draw();
    });
  }

  /** Selects a detection, also one that the list does not have. */
  async open(id: number): Promise<void> {
    const { list, reviewing } = this.#parts;
    const listed = list.queue.find(id);
    if (listed !== null) return this.select(listed);
    const found = await api.detection(id);
    reviewing.learn(id, found.reviews);
    this.select(found);
  }

  /** Shows the detection that the address names, as links from elsewhere do. */
  async openLinked(): Promise<void> {
    const id = linkedDetection(location.hash);
    if (id === null) return;
    await this.open(id);
    this.closeUp();
  }

  closeUp(): void {
    this.#parts.map.closeUp(this.#detection);
  }

  /** Takes over what a review made of it. */
  review({ id, review, reviewer, reviewed_at }: ReviewStateAnswer): void {
    if (this.#detection?.id !== id) return;
    const { properties } = this.#detection;
    this.#detection = this.#parts.list.queue.find(id) ?? {
      ...this.#detection,
      properties: { ...properties, review, reviewer, reviewed_at },
    };
  }
}
