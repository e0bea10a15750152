import type { Random } from '../../../src/domain/random.js';

/** What became of an input: read, or refused by an error that was written for users. */
export type Outcome = 'accepted' | 'refused';

/** A reader under fuzz, with samples to mutate. */
export interface Prepared {
  /** An input: the same for the same stream of random numbers. */
  input(random: Random): Buffer;
  /**
   * Reads an input as the product does.
   * @throws WrongSuccess where what was read contradicts itself, a second reader or the input
   * @throws any other error of the reader
   */
  run(input: Buffer): Outcome | Promise<Outcome>;
  close?(): Promise<void>;
}

export interface Reader {
  prepare(): Prepared | Promise<Prepared>;
}

export interface FuzzTarget {
  readonly name: string;
  /** For the table of what was done. */
  readonly what: string;
  /** Read when it is needed: a process for one reader starts without the libraries of all others. */
  load(): Promise<Reader>;
}

/** An input was taken for good though it is not, or not as it should be. */
export class WrongSuccess extends Error {}

export function expectThat(holds: boolean, what: () => string): void {
  if (!holds) throw new WrongSuccess(what());
}
