import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { RESULTS } from '../harness/result.js';

/** Tables that people read, and the figures that they hold. */
export interface Tables {
  /** Its files' name in the results. */
  readonly bench: string;
  /** By which it can be repeated. */
  readonly command: string;
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Prints tables. @param o.write keeps them and their figures @param o.json prints the figures, too */
export async function publishTables(
  { bench, command, lines, figures }: Tables,
  { json, write }: { readonly json: boolean; readonly write: boolean },
): Promise<void> {
  const machine = `${cpus()[0]?.model ?? process.arch} x ${cpus().length}`;
  const text = [command, ...lines, '', machine].join('\n');
  const result = { bench, machine, command, date: new Date().toISOString(), figures };
  console.log(text);
  if (write) {
    await mkdir(RESULTS, { recursive: true });
    await writeFile(`${RESULTS}/${bench}.txt`, `${text}\n`);
    await writeFile(`${RESULTS}/${bench}.json`, `${JSON.stringify(result, null, 1)}\n`);
  }
  if (json) console.log(JSON.stringify(result));
}
