/** The latest used blocks of a file by their number. */
export class BlockCache {
  readonly #kept: number;
  /** In order of use, the oldest first. */
  readonly #blocks = new Map<number, Uint8Array>();

  /** @param kept number of blocks, at least 1 */
  constructor(kept: number) {
    this.#kept = kept;
  }

  has(index: number): boolean {
    return this.#blocks.has(index);
  }

  /** @throws RangeError for a block that is not here */
  get(index: number): Uint8Array {
    const block = this.#blocks.get(index);
    if (block === undefined) throw new RangeError(`block ${index} is not kept`);
    this.put(index, block);
    return block;
  }

  put(index: number, block: Uint8Array): void {
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > this.#kept && oldest !== undefined) this.#blocks.delete(oldest);
  }

  clear(): void {
    this.#blocks.clear();
  }
}
