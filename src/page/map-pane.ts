import type { CoverageFeature, DetectionDetail, DetectionFeature, Mark } from '../http/contract.js';
import { api, type Box, type DetectionFilter } from './api.js';
import { centreOf } from './sphere.js';
import type { MoonView } from './map/moon-view.js';
import type { MapKind } from './map/projections.js';
import { byId } from './panel/dom.js';

const MOVE_PAUSE_MS = 200;

export interface MapPaneEvents {
  select(id: number): void;
  selectImage(productId: string): void;
  /** What the form asks for, wherever it lies. */
  question(): Omit<DetectionFilter, 'bbox'>;
  moved(): void;
  failed(error: unknown): void;
}

/**
 * The map in the page. It is loaded after the chips, which are seen first; what it is told before that is drawn
 * when it is there. Of the detections in sight it draws those with the highest scores.
 */
export class MapPane {
  readonly #element = byId('map', HTMLElement);
  readonly #projection = byId('projection', HTMLSelectElement);
  readonly #events: MapPaneEvents;
  #view: MoonView | null = null;
  #coverage: readonly CoverageFeature[] = [];
  #marks: readonly Mark[] = [];
  #selected: DetectionFeature | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(events: MapPaneEvents) {
    this.#events = events;
    this.#projection.addEventListener('change', () => {
      this.#view?.switchTo(this.#projection.value as MapKind);
      this.#tell();
    });
    byId('zoom-all', HTMLButtonElement).addEventListener('click', () => this.fitAll());
  }

  async open(): Promise<void> {
    const { MoonView } = await import('./map/moon-view.js');
    this.#view = new MoonView(this.#element, byId('pointer', HTMLElement), {
      select: (id) => this.#events.select(id),
      selectImage: (productId) => this.#events.selectImage(productId),
      moved: () => {
        this.#tell();
        this.#events.moved();
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.refresh(), MOVE_PAUSE_MS);
      },
    });
    this.#view.showCoverage(this.#coverage);
    await this.#readMarks();
    this.fitAll(false);
    this.select(this.#selected);
  }

  focus(): void {
    this.#element.focus();
  }

  /** What the map shows, in degrees; null where that is about all. */
  box(): Box | null {
    return this.#view?.box() ?? null;
  }

  /** Asks anew for the marks in sight. */
  refresh(): void {
    void this.#readMarks();
  }

  showCoverage(coverage: readonly CoverageFeature[]): void {
    this.#coverage = coverage;
    this.#view?.showCoverage(coverage);
  }

  select(detection: DetectionFeature | null): void {
    this.#selected = detection;
    this.#view?.select(detection);
    if (detection !== null) this.#view?.reveal(detection);
    this.#tell();
  }

  outline(detection: DetectionFeature, outline: DetectionDetail['outline']): void {
    this.#view?.select(detection, outline);
  }

  /** Draws what was said of a detection, ahead of the next look at the marks. */
  review(id: number, review: string | null): void {
    if (!this.#marks.some((mark) => mark.id === id)) return;
    this.#show(this.#marks.map((mark) => (mark.id === id ? { ...mark, review } : mark)));
  }

  closeUp(detection: DetectionFeature | null): void {
    if (detection !== null) this.#view?.closeUp(detection);
  }

  fitImage(productId: string): void {
    this.#view?.fitImage(productId);
  }

  fitAll(animate = true): void {
    const grounds = this.#coverage.flatMap(({ geometry }) =>
      geometry === null ? [] : [centreOf(geometry.coordinates.flat(2) as [number, number][])],
    );
    this.#view?.fit([...this.#marks.map(({ lon, lat }) => [lon, lat] as const), ...grounds], animate);
  }

  async #readMarks(): Promise<void> {
    if (this.#view === null) return;
    const turn = (this.#asked += 1);
    try {
      const marks = await api.marks({ ...this.#events.question(), bbox: this.#view.box() });
      if (turn === this.#asked) this.#show(marks);
    } catch (error) {
      this.#events.failed(error);
    }
  }

  #show(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#view?.showMarks(marks);
    this.#tell();
  }

  /** The map is a picture: what it shows is also written down, for those who cannot see it. */
  #tell(): void {
    if (this.#view === null) return;
    const { kind, marks, lon, lat, resolution, names } = this.#view.describe();
    this.#projection.value = kind;
    Object.assign(this.#element.dataset, {
      kind,
      marks: String(marks),
      lon: lon.toFixed(4),
      lat: lat.toFixed(4),
      resolution: resolution.toFixed(2),
      names: String(names),
    });
  }
}
