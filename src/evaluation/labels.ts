import { parse } from 'csv-parse/sync';
import { UsageError } from '../domain/errors.js';
import { FINDS } from '../domain/review.js';

/** One labelled object, in full-resolution pixels of its image: pixel (0, 0) spans 0..1. */
export interface Label {
  /** Product or image id, or the name of the image's file. */
  readonly productId: string;
  /** Where it is: the labelled point, or the centre of its box. */
  readonly x: number;
  readonly y: number;
  /** What it covers: the box, or the point alone. */
  readonly box: { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };
  /** `object` where none is named. */
  readonly className: string;
  /** Direction towards the Sun in its image, degrees clockwise from up, where the row tells it. */
  readonly sun: number | null;
}

/** Column orders of a table without header, by the number of its columns. */
const BARE_LAYOUTS: Readonly<Record<number, readonly string[]>> = {
  3: ['product_id', 'x', 'y'],
  4: ['product_id', 'x', 'y', 'class'],
  5: ['product_id', 'x0', 'y0', 'x1', 'y1'],
  6: ['product_id', 'x0', 'y0', 'x1', 'y1', 'class'],
};
/** What the authors' own label files call the image. */
const AUTHORS_ID = 'nac_id';
const POINT = ['x', 'y'] as const;
const BOX = ['x0', 'y0', 'x1', 'y1'] as const;

interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads labels: points `product_id,x,y[,class]` or boxes `product_id,x0,y0,x1,y1[,class]`. A header may name the
 * columns, then in any order and with `sun` among them; columns of other names are left aside. The authors' files
 * say `nac_id` for `product_id`. Of rows with a `verdict`, as exported reviews have, those are labels
 * that say accept or known.
 *
 * @param name of the file, for messages
 * @throws UsageError in one sentence with the line of the first bad row
 */
export function parseLabels(csv: string, name: string): Label[] {
  const rows = readRows(csv, name);
  const first = rows[0];
  if (first === undefined) throw new UsageError(`${name} holds no labels; give rows of product_id,x,y.`);
  const header = headerOf(first);
  const columns = header ?? bareColumns(first, name);
  const isBox = BOX.every((column) => columns.includes(column));
  if (!isBox && !POINT.every((column) => columns.includes(column)))
    throw new UsageError(
      `${name}, line ${first.info.lines}: the header names neither x and y nor x0, y0, x1 and y1; name the columns product_id,x,y[,class].`,
    );
  const labels = (header === null ? rows : rows.slice(1))
    .filter((row) => isObject(row, columns))
    .map((row) => labelOf(row, columns, isBox, name));
  if (labels.length === 0) throw new UsageError(`${name} holds no labels; give rows of product_id,x,y.`);
  return labels;
}

/** Names of the columns; null where the first row is a label already. */
function headerOf({ record }: Row): readonly string[] | null {
  const names = record.map((field) => field.toLowerCase());
  if (names.includes('product_id')) return names;
  return names.includes(AUTHORS_ID) ? names.map((name) => (name === AUTHORS_ID ? 'product_id' : name)) : null;
}

/** Exported reviews tell what people say of each row: some say that nothing is there. */
function isObject({ record }: Row, columns: readonly string[]): boolean {
  const verdict = columns.indexOf('verdict');
  return verdict < 0 || FINDS.some((find) => find === record[verdict]?.toLowerCase());
}

function readRows(csv: string, name: string): Row[] {
  try {
    return parse(csv, {
      info: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as Row[];
  } catch (cause) {
    const line = (cause as { lines?: number }).lines ?? 1;
    throw new UsageError(`${name}, line ${line}: a quote is not closed as CSV wants it; mend the row.`, {
      cause,
    });
  }
}

function bareColumns({ record, info }: Row, name: string): readonly string[] {
  const columns = BARE_LAYOUTS[record.length];
  if (columns === undefined)
    throw new UsageError(
      `${name}, line ${info.lines}: there are ${record.length} fields; give product_id,x,y[,class] or product_id,x0,y0,x1,y1[,class].`,
    );
  return columns;
}

function labelOf({ record, info }: Row, columns: readonly string[], isBox: boolean, name: string): Label {
  const refuse = (what: string): never => {
    throw new UsageError(`${name}, line ${info.lines}: ${what}.`);
  };
  if (record.length !== columns.length)
    refuse(`there are ${record.length} fields, not ${columns.length} (${columns.join(',')})`);
  const field = (column: string): string => record[columns.indexOf(column)] ?? '';
  const pixels = (column: string): number => {
    const value = Number(field(column));
    if (field(column) === '' || !Number.isFinite(value) || value < 0)
      refuse(`${column} is ${JSON.stringify(field(column))}; give pixels, 0 or more`);
    return value;
  };
  const productId = field('product_id');
  if (productId === '') refuse('product_id is empty; name the image');
  const box = isBox
    ? { x0: pixels('x0'), y0: pixels('y0'), x1: pixels('x1'), y1: pixels('y1') }
    : { x0: pixels('x'), y0: pixels('y'), x1: pixels('x'), y1: pixels('y') };
  if (box.x1 < box.x0 || box.y1 < box.y0) refuse('the box ends before it begins; give x0 <= x1 and y0 <= y1');
  const sun = field('sun') === '' ? null : Number(field('sun'));
  if (sun !== null && !(Math.abs(sun) <= 360)) refuse('sun is not a number of degrees from -360 to 360');
  const [x, y] = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
  return { productId, x, y, box, className: field('class') || 'object', sun };
}
