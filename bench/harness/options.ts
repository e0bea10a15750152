import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Size } from './result.js';

type Flags = NonNullable<ParseArgsConfig['options']>;

export interface BenchOptions {
  readonly size: Size;
  readonly json: boolean;
  readonly rounds: number;
  /** What the bench itself takes, as it was given. */
  readonly own: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads `--size small|full`, `--rounds N`, `--json` and a bench's own options, each with a value. A mistake ends
 * the process with one sentence and status 2.
 *
 * @param rounds default by size
 * @param own names of the bench's own options
 */
export function benchOptions(
  rounds: Readonly<Record<Size, number>>,
  own: readonly string[] = [],
  args: readonly string[] = process.argv.slice(2),
): BenchOptions {
  const options: Flags = {
    size: { type: 'string', default: 'full' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    ...Object.fromEntries(own.map((name) => [name, { type: 'string' as const }])),
  };
  return readOptions(() => {
    const { values } = parseArgs({ args: [...args], options });
    const { size, json } = values;
    if (size !== 'small' && size !== 'full') throw new Error('--size is small or full');
    const count = values['rounds'] === undefined ? rounds[size] : wholeNumber('--rounds', values['rounds']);
    const given = Object.fromEntries(own.map((name) => [name, values[name] as string | undefined]));
    return { size, json: json === true, rounds: count, own: given };
  });
}

/** What `read` makes of a command's words; a mistake in them ends the process with one sentence and status 2. */
export function readOptions<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** @throws Error for what is no whole number from 1 */
export function wholeNumber(name: string, text: unknown): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is a whole number from 1`);
  return value;
}

/** One line of progress on stderr, with the time of day. */
export function note(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
