import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineFacts } from './machine.js';
import type { Ratio } from './statistics.js';

/** What a bench prints last with `--json`, and what the documents are made of. */
export interface BenchResult {
  /** Such as `scoring`. */
  readonly bench: string;
  readonly machine: MachineFacts;
  /** By which it can be repeated. */
  readonly command: string;
  /** When it ended, ISO 8601, UTC. */
  readonly date: string;
  readonly size: Size;
  readonly rounds: number;
  /** Rounds in which others used a noticeable part of the machine. */
  readonly busy_rounds: number;
  readonly figures: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** What a reader must know of single figures, or why there is none; by name. */
  readonly notes: Readonly<Record<string, string>>;
}

/** `small` is a smoke run: its figures say that the bench works and nothing else. */
export type Size = 'small' | 'full';

export const RESULTS = 'bench/results';
/** Where smoke runs write to, so that they never take the place of measurements. */
export const SMALL_RESULTS = 'dist/bench/results';

/** Prints a result, as JSON or line by line, and keeps it. @returns the file */
export function publish(result: BenchResult, json: boolean): string {
  const folder = result.size === 'full' ? RESULTS : SMALL_RESULTS;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.bench}.json`);
  writeFileSync(file, `${JSON.stringify(rounded(result), null, 2)}\n`);
  if (json) console.log(JSON.stringify(rounded(result)));
  else for (const line of linesOf(result)) console.log(line);
  return file;
}

/** Figures have five digits; more would say more than was measured. */
export function rounded(result: BenchResult): BenchResult {
  const short = (value: number): number => Number(value.toPrecision(5));
  return {
    ...result,
    figures: mapped(result.figures, short),
    ratios: mapped(result.ratios, ({ median, low, high }) => ({
      median: short(median),
      low: short(low),
      high: short(high),
    })),
  };
}

function mapped<T, U>(record: Readonly<Record<string, T>>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}

export function linesOf({ figures, ratios, notes, busy_rounds }: BenchResult): string[] {
  const width = Math.max(0, ...Object.keys({ ...figures, ...ratios, ...notes }).map((name) => name.length));
  const short = (value: number): string => String(Number(value.toPrecision(4)));
  return [
    ...Object.entries(figures).map(([name, value]) => `${name.padEnd(width)} ${short(value)}`),
    ...Object.entries(ratios).map(
      ([name, { median, low, high }]) =>
        `${name.padEnd(width)} ${short(median)} (${short(low)}-${short(high)})`,
    ),
    ...Object.entries(notes).map(([name, text]) => `${name.padEnd(width)} ${text}`),
    ...(busy_rounds > 0 ? [`Others used the machine in ${busy_rounds} rounds.`] : []),
  ];
}

/** All results that lie in a folder, by their bench. Files of other forms are passed over. */
export function readResults(folder: string): Map<string, BenchResult> {
  const results = new Map<string, BenchResult>();
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.json')) continue;
    const result = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<BenchResult>;
    if (typeof result.bench !== 'string' || typeof result.machine !== 'object') continue;
    results.set(result.bench, result as BenchResult);
  }
  return results;
}
