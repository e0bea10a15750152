import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { isNacProductId } from '../../domain/image-id.js';
import { parseIndexLabel, type ColumnSpan } from '../index/index-layout.js';
import { productIdOf } from '../index/index-record.js';
import { KNOWN_LAYOUTS } from '../index/known-layouts.js';

type Columns = ReadonlyMap<string, ColumnSpan>;
/** Columns of a record by its length with CR and LF. */
type Layouts = (bytes: number) => Columns | undefined;

/** One record of INDEX.TAB, with CR and LF, and where its columns lie. */
export interface TableRow {
  readonly record: Buffer;
  readonly columns: Columns;
}

const LINE_END = '\r\n';
const QUOTE = 0x22;
const [CR, LF] = [0x0d, 0x0a];
/** Records have some 900 bytes; a "line" longer than this is none of a table. */
const LONGEST_LINE = 8192;
const LABEL_BYTES = 2 ** 20;

/**
 * The rows of a file with records of INDEX.TAB, from one to a volume's 60,000: where each image's record lies is
 * noted in one pass (18 bytes a record), the record itself is read when it is asked for. A label beside the file
 * tells the columns, else the records' length does. Lines that are no such records are left out: of a table that
 * is still being copied, what is there counts.
 */
export class RowTable {
  readonly #path: string;
  readonly #layouts: Layouts;
  readonly #keys: Float64Array;
  readonly #offsets: Float64Array;
  readonly #lengths: Uint16Array;

  private constructor(path: string, layouts: Layouts, lines: readonly Line[]) {
    this.#path = path;
    this.#layouts = layouts;
    this.#keys = Float64Array.from(lines, ({ key }) => key);
    this.#offsets = Float64Array.from(lines, ({ offset }) => offset);
    this.#lengths = Uint16Array.from(lines, ({ length }) => length);
  }

  /** @throws the file system's error when it cannot be read */
  static async open(path: string): Promise<RowTable> {
    const labelled = await labelledLayout(path);
    const layouts: Layouts = (bytes) =>
      labelled?.recordBytes === bytes ? labelled.columns : KNOWN_LAYOUTS.get(bytes);
    const lines: Line[] = [];
    for await (const line of linesOf(path)) {
      const columns = line.content[0] === QUOTE ? layouts(line.content.length + LINE_END.length) : undefined;
      if (columns === undefined) {
        // A table of another kind need not be read to its end.
        if (line.offset === 0) break;
        continue;
      }
      const key = keyOf(productIdOf(line.content, columns).trim());
      if (key !== null) lines.push({ key, offset: line.offset, length: line.content.length });
    }
    lines.sort((a, b) => a.key - b.key || a.offset - b.offset);
    return new RowTable(path, layouts, lines);
  }

  /** Number of NAC records. */
  get size(): number {
    return this.#keys.length;
  }

  /** Whether there is a record of the product, or of the other data set's product of the same image. */
  has(productId: string): boolean {
    return this.#indexOf(productId) !== null;
  }

  /**
   * The product's record, or else that of the other data set's product of the same image; the last where there
   * are several.
   * @throws the file system's error when it cannot be read
   */
  async find(productId: string): Promise<TableRow | null> {
    const index = this.#indexOf(productId);
    if (index === null) return null;
    const length = this.#lengths[index] ?? 0;
    const columns = this.#layouts(length + LINE_END.length);
    if (columns === undefined) return null;
    const record = Buffer.alloc(length + LINE_END.length, LINE_END);
    record.set([CR, LF], length);
    const file = await open(this.#path);
    try {
      const { bytesRead } = await file.read(record, 0, length, this.#offsets[index] ?? 0);
      const isSame = bytesRead === length && keyOf(productIdOf(record, columns).trim()) === this.#keys[index];
      // A table that was replaced since is read anew at the next look.
      return isSame ? { record, columns } : null;
    } finally {
      await file.close();
    }
  }

  #indexOf(productId: string): number | null {
    const key = keyOf(productId);
    if (key === null) return null;
    return this.#last(key) ?? this.#last(key % 2 === 0 ? key + 1 : key - 1);
  }

  #last(key: number): number | null {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? Infinity) <= key) low = middle + 1;
      else high = middle;
    }
    return this.#keys[low - 1] === key ? low - 1 : null;
  }
}

interface Line {
  readonly key: number;
  readonly offset: number;
  /** Without its line end. */
  readonly length: number;
}

/** A number for each NAC product; EDR and CDR of one image are neighbours. */
function keyOf(productId: string): number | null {
  if (!isNacProductId(productId)) return null;
  const [side, letter] = [productId.at(-2), productId.at(-1)];
  return Number(productId.slice(1, -2)) * 4 + (side === 'R' ? 2 : 0) + (letter === 'C' ? 1 : 0);
}

/** Lines with their places; ends quietly at one that is far too long. */
async function* linesOf(path: string): AsyncGenerator<{ offset: number; content: Buffer }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  const plain = (line: Buffer) => (line.at(-1) === CR ? line.subarray(0, -1) : line);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    const data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = data.indexOf(LF, from); end >= 0; end = data.indexOf(LF, from)) {
      yield { offset: offset + from, content: plain(data.subarray(from, end)) };
      from = end + 1;
    }
    rest = data.subarray(from);
    offset += from;
    if (rest.length > LONGEST_LINE) return;
  }
  if (rest.length > 0) yield { offset, content: plain(rest) };
}

/** What the label beside a table says; one that is of something else says nothing. */
async function labelledLayout(path: string): Promise<{ recordBytes: number; columns: Columns } | null> {
  for (const extension of ['.LBL', '.lbl']) {
    const label = path.replace(/\.tab$/i, extension);
    const text = await readFile(label, 'latin1').catch(() => null);
    if (text === null || text.length > LABEL_BYTES) continue;
    try {
      const layout = parseIndexLabel(text, label);
      if (layout.columns.has('PRODUCT_ID')) return layout;
    } catch {
      return null;
    }
  }
  return null;
}
