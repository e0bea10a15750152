import { mkdirSync, writeFileSync } from 'node:fs';

/** One row of the table in docs/reliability.md, which `npm run docs` makes of these. */
export interface ChaosRecord {
  /** File name, and order in the table. */
  readonly name: string;
  readonly done: string;
  readonly times: string;
  readonly lost: string;
  readonly command: string;
}

/** Keeps what a run showed, for the documents. */
export function record(row: ChaosRecord): void {
  mkdirSync('test/chaos/results', { recursive: true });
  writeFileSync(`test/chaos/results/${row.name}.json`, `${JSON.stringify(row, null, 2)}\n`);
}
