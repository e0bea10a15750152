import { RandomStream, hash } from '../simulation/random.js';
import { planProduct, productIdOf, type PlannedProduct, type ProductOptions } from './planned-product.js';
import type { VolumePeriod } from './volume-period.js';

/** Shortest time between two products' starts: they have ids of their own, ms. */
const ID_STEP_MS = 1000;

/**
 * Which products a volume holds. Only their times are kept; each is planned when it is asked for, always alike,
 * so that a volume of 20,000 costs no more than its times.
 */
export class VolumePlan {
  readonly #seed: number;
  readonly #options: ProductOptions;
  /** Start of the n-th product, ms. */
  readonly #starts: number[];
  readonly #numbers = new Map<string, number>();
  readonly #revisions = new Map<number, number>();

  constructor(period: VolumePeriod, options: ProductOptions) {
    this.#options = options;
    this.#seed = hash(options.seed, period.from.getTime() / 86_400_000);
    const random = new RandomStream(this.#seed);
    // The first draw is the volume's first flip.
    random.integer(0, 3);
    const span = period.to.getTime() - period.from.getTime();
    this.#starts = Array.from({ length: options.images }, (_, n) => {
      const share = (n + random.between(0.1, 0.9)) / options.images;
      return Math.round(period.from.getTime() + share * span);
    });
    this.#starts.forEach((start, n) => this.#numbers.set(this.#idOf(start, n), n));
  }

  get count(): number {
    return this.#starts.length;
  }

  startOf(n: number): number {
    return this.#starts[n] ?? NaN;
  }

  at(n: number): PlannedProduct {
    const revision = this.#revisions.get(n) ?? 0;
    return planProduct(n, new Date(this.startOf(n)), this.#seed, this.#options, revision);
  }

  find(productId: string): PlannedProduct | null {
    const n = this.#numbers.get(productId);
    return n === undefined ? null : this.at(n);
  }

  *[Symbol.iterator](): Generator<PlannedProduct> {
    for (let n = 0; n < this.count; n++) yield this.at(n);
  }

  /** Counts a product as made anew; false when the volume has none of that id. */
  revise(productId: string): boolean {
    const n = this.#numbers.get(productId);
    if (n === undefined) return false;
    this.#revisions.set(n, (this.#revisions.get(n) ?? 0) + 1);
    return true;
  }

  /** Adds a product that was taken in the volume's time and comes after its release. */
  addLate(): PlannedProduct {
    const n = this.count;
    let start = this.startOf(0) + ID_STEP_MS;
    while (this.#numbers.has(this.#idOf(start, n))) start += ID_STEP_MS;
    this.#starts.push(start);
    this.#numbers.set(this.#idOf(start, n), n);
    return this.at(n);
  }

  #idOf(start: number, n: number): string {
    return productIdOf(n, new Date(start), this.#options.dataSet ?? 'cdr');
  }
}
