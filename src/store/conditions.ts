import type { LonLatBox } from '../domain/results.js';

/** SQL of a query in the making: `add` keeps a value and gives its `$n`. */
export class Conditions {
  readonly parameters: unknown[] = [];
  readonly #clauses: string[] = [];

  add(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }

  where(clause: string): void {
    this.#clauses.push(clause);
  }

  /** Meets the box; `column` is a geometry of SRID 30100, whose index serves. */
  whereInBox(column: string, { west, south, east, north }: LonLatBox): void {
    const [low, high] = [this.add(south), this.add(north)];
    const part = (from: number, to: number): string => {
      const envelope = `ST_MakeEnvelope(${this.add(from)}::double precision, ${low}::double precision, ${this.add(to)}::double precision, ${high}::double precision, 30100)`;
      // The index keeps boxes as float32, rounded outwards: && alone lets in what lies just beside.
      return `(${column} && ${envelope} AND ST_Intersects(${column}, ${envelope}))`;
    };
    this.where(west <= east ? part(west, east) : `(${part(west, 180)} OR ${part(-180, east)})`);
  }

  /** The WHERE clause; empty where there is no condition. */
  sql(): string {
    return this.#clauses.length === 0 ? '' : `WHERE ${this.#clauses.join(' AND ')}`;
  }
}
