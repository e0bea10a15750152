import { createHash } from 'node:crypto';
import type { Product } from '../../domain/product.js';

/** The images of one stratum that may be drawn. */
export interface Stratum {
  readonly name: string;
  /** Images that the index has of it. */
  readonly available: number;
  /** The first of them in the order of the draw. */
  readonly candidates: readonly Product[];
}

/**
 * Collects candidates from index rows in any order. Each image's turn is a hash of seed and id, so that the draw
 * depends on the rows alone and only the first `most` of a stratum are kept, however large the index.
 */
export class CandidatePool {
  readonly #seed: number;
  readonly #most: number;
  readonly #strata = new Map<string, { available: number; turns: string[]; products: Product[] }>();

  constructor(seed: number, most: number) {
    this.#seed = seed;
    this.#most = most;
  }

  /** A product that comes again, by another volume or version, replaces the one before. */
  add(name: string, product: Product): void {
    const stratum = this.#strata.get(name) ?? { available: 0, turns: [], products: [] };
    this.#strata.set(name, stratum);
    const { turns, products } = stratum;
    const turn = turnOf(this.#seed, product.productId);
    const at = lowerBound(turns, turn);
    if (turns[at] === turn) {
      products[at] = product;
      return;
    }
    stratum.available++;
    turns.splice(at, 0, turn);
    products.splice(at, 0, product);
    if (turns.length > this.#most) {
      turns.pop();
      products.pop();
    }
  }

  /** In an order of their own, which the seed gives too. */
  strata(): Stratum[] {
    return [...this.#strata]
      .map(([name, { available, products }]) => ({ name, available, candidates: products }))
      .sort((a, b) => (turnOf(this.#seed, a.name) < turnOf(this.#seed, b.name) ? -1 : 1));
  }
}

interface Line {
  readonly name: string;
  readonly candidates: readonly Product[];
  next: number;
  drawn: number;
}

/**
 * Draws images from strata as evenly as these allow: always the next candidate of the stratum with the fewest
 * drawn so far. A candidate that fails is passed over, and a stratum that has none left leaves its share to the
 * others. NAC-L and NAC-R of one number are one look at the same ground: at most one of them is drawn.
 */
export class StratifiedDraw {
  readonly #strata: readonly Line[];
  readonly #looks = new Set<string>();

  constructor(strata: readonly Stratum[]) {
    this.#strata = strata.map(({ name, candidates }) => ({ name, candidates, next: 0, drawn: 0 }));
  }

  /** The next candidate; null when no stratum has one left. */
  next(): { readonly product: Product; readonly stratum: string } | null {
    for (;;) {
      let chosen: Line | null = null;
      for (const stratum of this.#strata)
        if (stratum.next < stratum.candidates.length && stratum.drawn < (chosen?.drawn ?? Infinity))
          chosen = stratum;
      if (chosen === null) return null;
      const product = chosen.candidates[chosen.next++]!;
      if (!this.#looks.has(lookOf(product))) return { product, stratum: chosen.name };
    }
  }

  /** Counts a candidate that was fetched. */
  took(product: Product, stratum: string): void {
    this.#looks.add(lookOf(product));
    const its = this.#strata.find(({ name }) => name === stratum);
    if (its !== undefined) its.drawn++;
  }

  /** Images drawn of each stratum. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#strata.map(({ name, drawn }) => [name, drawn]));
  }
}

/** Images of each stratum that a draw of `images` takes where none fails, in the order of `strata`. */
export function sharesOf(strata: readonly Stratum[], images: number): number[] {
  const draw = new StratifiedDraw(strata);
  for (let n = 0; n < images; n++) {
    const next = draw.next();
    if (next === null) break;
    draw.took(next.product, next.stratum);
  }
  return strata.map(({ name }) => draw.counts.get(name) ?? 0);
}

function lookOf({ imageId }: Product): string {
  return imageId.slice(0, -1);
}

function turnOf(seed: number, id: string): string {
  return createHash('sha256').update(`${seed}/${id}`).digest('hex');
}

function lowerBound(sorted: readonly string[], value: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
