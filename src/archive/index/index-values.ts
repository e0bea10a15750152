import { OperationalError } from '../../domain/errors.js';
import type { ColumnSpan } from './index-layout.js';

/** A value as it stands in a record: text, a number, or null where it says "not applicable" or nothing. */
export type IndexValue = string | number | null;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NINES = /^9+(?:\.9+)?$/;
const QUOTE = '"';

/** A ground size of zero is none (lroc-archive, section 2). */
const NEVER_ZERO: ReadonlySet<string> = new Set(['RESOLUTION', 'SCALED_PIXEL_WIDTH', 'SCALED_PIXEL_HEIGHT']);

/**
 * Values of one fixed-length record of INDEX.TAB, cut by the bytes that its label states: quoted text may hold
 * commas. Values are blank-padded inside their quotes, so they are trimmed.
 *
 * What stands in quotes is text, anything else a number. Null is `N/A`, blanks, a number of nothing but nines that
 * fills its column (`999`, `9999.99`: the archive's "not applicable" and "missing"), and a ground size of zero.
 */
export class RecordValues {
  readonly #record: string;
  readonly #columns: ReadonlyMap<string, ColumnSpan>;

  constructor(record: Uint8Array, columns: ReadonlyMap<string, ColumnSpan>) {
    this.#record = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString('latin1');
    this.#columns = columns;
  }

  /** @throws OperationalError when the label names no such column */
  get(name: string): IndexValue {
    const span = this.#columns.get(name);
    if (span === undefined) {
      throw new OperationalError(
        'index_layout',
        `INDEX.LBL names no column ${name}; this layout of the archive's index is not known here.`,
      );
    }
    const text = this.#record.slice(span.start, span.start + span.bytes);
    const value = text.trim();
    if (value === '' || value === 'N/A') return null;
    if (this.#record[span.start - 1] === QUOTE || !NUMBER.test(value)) return value;
    if (value.length === span.bytes && NINES.test(value)) return null;
    const number = Number(value);
    return number === 0 && NEVER_ZERO.has(name) ? null : number;
  }

  /**
   * Whether quotes and commas stand where the columns' places want them, so that no value is cut out of its
   * neighbours, and no character but printed ones: a record into which a byte was put and from which another is
   * missing is still of its length.
   */
  isAligned(): boolean {
    const spans = inOrder(this.#columns);
    const record = this.#record;
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f]/.test(record.replace(/\r?\n$/, ''))) return false;
    return spans.every(({ start, bytes }, i) => {
      const quoted = record[start - 1] === QUOTE;
      const value = record.slice(start, start + bytes);
      if (value.includes(QUOTE) || (!quoted && value.includes(','))) return false;
      if (quoted && record[start + bytes] !== QUOTE) return false;
      const after = start + bytes + (quoted ? 1 : 0);
      const next = spans[i + 1]?.start;
      if (next === undefined) return record.length - after > 2 || /^\s*$/.test(record.slice(after));
      // More than a comma and a quote between two columns holds others, which the label does not name.
      const between = record.slice(after, next);
      return between.length > 2 || between === ',' || between === ',"';
    });
  }

  /** Every column of the label, in its order. */
  all(): Record<string, IndexValue> {
    return Object.fromEntries([...this.#columns.keys()].map((name) => [name, this.get(name)]));
  }
}

const ordered = new WeakMap<ReadonlyMap<string, ColumnSpan>, readonly ColumnSpan[]>();

function inOrder(columns: ReadonlyMap<string, ColumnSpan>): readonly ColumnSpan[] {
  const known = ordered.get(columns) ?? [...columns.values()].sort((a, b) => a.start - b.start);
  ordered.set(columns, known);
  return known;
}
