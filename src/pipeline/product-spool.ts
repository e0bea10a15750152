import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Announced } from '../archive/archive-source.js';
import { fromProductRow, toProductRow, type ProductRow } from '../store/product-row.js';

/** A row as JSON has it: dates are text. */
type Dated<Row> = { [Column in keyof Row]: Row[Column] extends Date ? string : Row[Column] };

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

  async add(announced: readonly Announced[]): Promise<void> {
    const lines = announced.map(({ product, doubt }) =>
      JSON.stringify({ row: toProductRow(product), doubt }),
    );
    const text = lines.map((line) => `${line}\n`).join('');
    if (!this.#out.write(text)) await once(this.#out, 'drain');
  }

  /** Marks the end of a release, with what the archive wants to be remembered of it. */
  end(state: unknown): void {
    this.#states.push(state);
  }

  get states(): readonly unknown[] {
    return this.#states;
  }

  /** All of them in order; nothing can be added afterwards. */
  async *announced(): AsyncGenerator<Announced> {
    this.#out.end();
    await finished(this.#out);
    for await (const line of createInterface({ input: createReadStream(this.#path) })) {
      const { row, doubt } = JSON.parse(line) as { row: Dated<ProductRow>; doubt: Announced['doubt'] };
      const [start_time, stop_time] = [new Date(row.start_time), new Date(row.stop_time)];
      yield { product: fromProductRow({ ...row, start_time, stop_time }), doubt };
    }
  }
}
