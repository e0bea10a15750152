import type { MachineFacts } from '../harness/machine.js';
import type { BenchResult } from '../harness/result.js';
import type { Ratio } from '../harness/statistics.js';
import { isSubject, noteName, ratioName, subjectName } from './names.js';

/** A table; the first row is the head, the first column is text, the others are numbers. */
export function markdownTable(rows: readonly (readonly string[])[]): string[] {
  const [head = [], ...rest] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|---${'|--:'.repeat(head.length - 1)}|`, ...rest.map(line)];
}

/** Three digits, thousands set apart. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '';
  const digits = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return digits.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** Median, and low to high. */
export function spread({ median, low, high }: Ratio): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** Ratios as a table, or nothing where there are none. */
export function ratioTable(ratios: BenchResult['ratios']): string[] {
  const rows = Object.entries(ratios).map(([name, ratio]) => [ratioName(name), spread(ratio)]);
  return rows.length === 0 ? [] : markdownTable([['how many times as fast', 'median (low–high)'], ...rows]);
}

/**
 * Figures of several subjects, `<subject><suffix>`, a row a subject and a column a suffix.
 *
 * @param by suffix that every subject has and nothing else; the first column's without it
 */
export function subjectTable(
  figures: BenchResult['figures'],
  columns: Readonly<Record<string, string>>,
  by = Object.keys(columns)[0] ?? '',
): string[] {
  const subjects = Object.keys(figures)
    .filter((name) => name.endsWith(by))
    .map((name) => name.slice(0, -by.length))
    .filter((name) => name !== '');
  const cells = (subject: string): string[] =>
    Object.keys(columns).map((suffix) => number(figures[subject + suffix] ?? NaN));
  const rows = subjects.map((subject) => [subjectName(subject), ...cells(subject)]);
  return rows.length === 0 ? [] : markdownTable([['', ...Object.values(columns)], ...rows]);
}

/** Figures that no table of subjects holds, one a row. */
export function figureTable(figures: BenchResult['figures']): string[] {
  const rows = Object.entries(figures).map(([name, value]) => [`\`${name}\``, number(value)]);
  return rows.length === 0 ? [] : markdownTable([['figure', ''], ...rows]);
}

/** What a reader must know, one line a note. */
export function noteLines(notes: BenchResult['notes']): string[] {
  return Object.entries(notes).map(
    ([name, text]) => `- ${noteName(name)}: ${isSubject(text) ? subjectName(text) : text}`,
  );
}

/** How it was measured, in one sentence. */
export function measuredLine({ command, date, rounds, busy_rounds, machine }: BenchResult): string {
  const busy = busy_rounds === 0 ? '' : `, others used the machine in ${busy_rounds} of them`;
  const turns = rounds === 1 ? 'once' : `in ${rounds} rounds`;
  return `\`${command}\`, ${date.slice(0, 10)}, ${turns}${busy}, on ${machine.cores} cores of ${machine.cpu}.`;
}

export function machineTable(machine: MachineFacts): string[] {
  const peak = (value: number | null, unit: string): string =>
    value === null ? 'not measured' : `${number(value)} ${unit}`;
  return markdownTable([
    ['machine', ''],
    ['processor', `${machine.cpu}, ${machine.cores} cores`],
    ['instruction sets', machine.instructions.join(', ')],
    ['memory', `${machine.memory_gb} GB`],
    ['fp32 peak of a core, measured', peak(machine.fp32_peak_gflops, 'GFLOP/s')],
    ['int8 peak of a core (VNNI), measured', peak(machine.int8_peak_gops, 'GOP/s')],
    ['int8 peak of its matrix unit (AMX), measured', peak(machine.amx_int8_peak_gops, 'GOP/s')],
    ['bf16 peak of its matrix unit (AMX), measured', peak(machine.amx_bf16_peak_gflops, 'GFLOP/s')],
    ['Node, kernel', `${machine.node}, ${machine.kernel}`],
    [
      'libraries',
      Object.entries(machine.libraries)
        .map((pair) => pair.join(' '))
        .join(', '),
    ],
  ]);
}
