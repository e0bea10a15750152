import { join } from 'node:path';
import { RowTable, type TableRow } from './row-table.js';
import { pathOf, type FileRef } from './walk-folder.js';

/** Tables that are remembered, the latest used: a megabyte each where it is a whole volume's. */
const TABLES = 16;

interface Kept {
  readonly size: number;
  readonly mtimeMs: number;
  readonly table: Promise<RowTable>;
}

/** Index tables of a folder, each read once as long as it does not change. */
export class RowTables {
  readonly #kept = new Map<string, Kept>();

  /**
   * Whether one of the tables has an image's row.
   * @throws the file system's error when one cannot be read
   */
  async has(root: string, productId: string, tables: readonly FileRef[]): Promise<boolean> {
    for (const file of tables) if ((await this.#table(root, file)).has(productId)) return true;
    return false;
  }

  /**
   * An image's row from the first of the tables that has it.
   * @throws the file system's error when one cannot be read
   */
  async find(root: string, productId: string, tables: readonly FileRef[]): Promise<TableRow | null> {
    for (const file of tables) {
      const row = await (await this.#table(root, file)).find(productId);
      if (row !== null) return row;
    }
    return null;
  }

  #table(root: string, file: FileRef): Promise<RowTable> {
    const path = join(root, pathOf(file));
    const { size, mtimeMs } = file;
    const known = this.#kept.get(path);
    const fresh = known !== undefined && known.size === size && known.mtimeMs === mtimeMs;
    const kept = fresh ? known : { size, mtimeMs, table: RowTable.open(path) };
    this.#kept.delete(path);
    this.#kept.set(path, kept);
    kept.table.catch(() => this.#kept.delete(path));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > TABLES && oldest !== undefined) this.#kept.delete(oldest);
    return kept.table;
  }
}
