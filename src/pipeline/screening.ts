import { SCREEN_PARTS } from '../scoring/screen-bounds.js';
import { widened, widest, type PartBounds, type Widening } from '../scoring/screen/part-bounds.js';

/** A widening with its number; 0 = the model folder's own bounds. */
export interface VersionedWidening {
  readonly version: number;
  readonly widening: Widening;
}

/** Where widened bounds are kept, for whoever scans with the model. */
export interface WideningStore {
  newest(): Promise<VersionedWidening>;
  /** Keeps what is wider as the newest. @returns what holds then */
  add(widening: Widening): Promise<VersionedWidening>;
}

/** The bounds of a model's int8 graphs, as wide as they have proved to be. */
export class Screening {
  readonly #measured: PartBounds;
  readonly #store: WideningStore | null;
  #current: VersionedWidening = { version: 0, widening: {} };

  /**
   * @param measured bounds of the model folder
   * @param store without one what is seen holds for this process alone
   */
  constructor(measured: PartBounds, store: WideningStore | null = null) {
    this.#measured = measured;
    this.#store = store;
  }

  get version(): number {
    return this.#current.version;
  }

  get bounds(): PartBounds {
    return widened(this.#measured, this.#current.widening);
  }

  /** Takes over what others have seen meanwhile. */
  async refresh(): Promise<void> {
    if (this.#store !== null) this.#current = await this.#store.newest();
  }

  /**
   * Widens the bounds of all scans from here on.
   * @param needed factors by which `from` proved too narrow
   * @param from the bounds' widening when they did
   */
  async widen(needed: Widening, from: Widening): Promise<void> {
    const factors = SCREEN_PARTS.flatMap((part) => {
      const factor = needed[part];
      return factor === undefined ? [] : [[part, factor * (from[part] ?? 1)] as const];
    });
    const widening = Object.fromEntries(factors);
    const { version, widening: before } = this.#current;
    this.#current =
      this.#store === null
        ? { version: version + 1, widening: widest(before, widening) }
        : await this.#store.add(widening);
  }

  get widening(): Widening {
    return this.#current.widening;
  }
}
