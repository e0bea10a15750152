import {
  SCREENED_PARTS,
  widened,
  widest,
  type PartBounds,
  type Widening,
} from '../scoring/screen/part-bounds.js';

/** Where widened bounds are kept, for whoever scans with the model. */
export interface WideningStore {
  /** The newest; version 0 without any where none was kept. */
  newest(): Promise<{ readonly version: number; readonly widening: Widening }>;
  /** Keeps wider bounds as the newest. @returns their version */
  add(widening: Widening): Promise<number>;
}

/** The bounds of a model's int8 graphs, as wide as they have proved to be. */
export class Screening {
  readonly #measured: PartBounds;
  readonly #store: WideningStore | null;
  #version = 0;
  #widening: Widening = {};

  /**
   * @param measured bounds of the model folder
   * @param store without one what is seen holds for this process alone
   */
  constructor(measured: PartBounds, store: WideningStore | null = null) {
    this.#measured = measured;
    this.#store = store;
  }

  get version(): number {
    return this.#version;
  }

  get bounds(): PartBounds {
    return widened(this.#measured, this.#widening);
  }

  /** Takes over what others have seen meanwhile. */
  async refresh(): Promise<void> {
    const newest = await this.#store?.newest();
    if (newest === undefined || newest.version === this.#version) return;
    this.#version = newest.version;
    this.#widening = widest(this.#widening, newest.widening);
  }

  /**
   * Widens the bounds of all scans from here on.
   * @param needed factors by which `bounds` proved too narrow
   */
  async widen(needed: Widening): Promise<void> {
    const seen = SCREENED_PARTS.flatMap((part) => {
      const factor = needed[part];
      return factor === undefined ? [] : [[part, factor * (this.#widening[part] ?? 1)] as const];
    });
    await this.refresh();
    this.#widening = widest(this.#widening, Object.fromEntries(seen));
    this.#version = this.#store === null ? this.#version + 1 : await this.#store.add(this.#widening);
  }
}
