import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Product } from '../domain/product.js';
import { fromProductRow, toProductRow, type ProductRow } from '../store/product-row.js';

/** Products on disk, a line each, between a count and a decision: a year of the archive is 250,000 of them. */
export class ProductSpool {
  readonly #path: string;
  readonly #out: WriteStream;
  readonly #states: unknown[] = [];

  /** @param dir an empty folder, which the caller removes */
  constructor(dir: string) {
    this.#path = join(dir, 'products.ndjson');
    this.#out = createWriteStream(this.#path, { flags: 'wx' });
  }

  async add(products: readonly Product[]): Promise<void> {
    const text = products.map((product) => `${JSON.stringify(toProductRow(product))}\n`).join('');
    if (!this.#out.write(text)) await once(this.#out, 'drain');
  }

  /** Marks the end of a release, with what the archive wants to be remembered of it. */
  end(state: unknown): Promise<void> {
    this.#states.push(state);
    return Promise.resolve();
  }

  get states(): readonly unknown[] {
    return this.#states;
  }

  /** All of them in order; nothing can be added afterwards. */
  async *products(): AsyncGenerator<Product> {
    this.#out.end();
    await finished(this.#out);
    for await (const line of createInterface({ input: createReadStream(this.#path) })) {
      const row = JSON.parse(line) as ProductRow & { start_time: string; stop_time: string };
      yield fromProductRow({
        ...row,
        start_time: new Date(row.start_time),
        stop_time: new Date(row.stop_time),
      });
    }
  }
}
