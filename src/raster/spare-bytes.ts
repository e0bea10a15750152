/** What is kept for the next ones: more read at the same time are rare. */
const MOST_KEPT = 2;

/**
 * Memory for bytes that are soon done with. New memory for each read would be cleared page by page and be work for the
 * garbage collector: more than the reading itself.
 */
export class SpareBytes {
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];

  /** So many bytes, with anything in them. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const fits = this.#kept.findIndex((bytes) => bytes.buffer.byteLength >= length);
    const [kept] = fits < 0 ? [] : this.#kept.splice(fits, 1);
    return kept === undefined ? new Uint8Array(length) : new Uint8Array(kept.buffer, 0, length);
  }

  /** Says that nobody looks at bytes that were taken any more. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#kept.length >= MOST_KEPT) this.#kept.shift();
    this.#kept.push(bytes);
  }
}
