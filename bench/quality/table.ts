import type { Estimate } from './measure.js';

/** Lines of a table, columns padded; the first row is the head. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** `.630 [.358, .833]` */
export function withInterval({ value, low, high }: Estimate): string {
  return `${thousandths(value)} [${thousandths(low)}, ${thousandths(high)}]`;
}

export function thousandths(value: number): string {
  return value.toFixed(3).replace(/^(-?)0\./, '$1.');
}

export function percent(value: number): string {
  return String(Math.round(100 * value));
}
