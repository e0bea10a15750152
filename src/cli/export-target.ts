import { stat } from 'node:fs/promises';
import { extname, sep } from 'node:path';
import { UsageError } from '../domain/errors.js';
import { csvCompanions } from '../exports/csv.js';
import type { Target } from '../exports/staged.js';

/** The name of a catalogue's format, in place of the end of a file's name. */
export const STAC = 'stac';

export interface ExportTarget extends Target {
  /** Key of the exporters: `.gpkg`, …, or `stac`. */
  readonly format: string;
}

/**
 * What is to be written: `export --out X.gpkg`, and for a catalogue `export stac DIR`, `export --out DIR/` or
 * `export --out stac DIR`.
 *
 * @param words what stands beside the options
 * @param formats keys of the exporters
 * @throws UsageError where it is none, or two
 */
export async function exportTarget(
  words: readonly string[],
  out: string | undefined,
  force: boolean,
  formats: readonly string[],
): Promise<ExportTarget> {
  const given = out === STAC ? [STAC, ...words] : words;
  const [kind, dir, ...rest] = given;
  if (kind === STAC && dir !== undefined && rest.length === 0 && (out === undefined || out === STAC))
    return { path: dir, beside: [], force, format: STAC };
  const offered = `--out X${formats.filter((each) => each !== STAC).join('|')}, or stac DIR`;
  if (given.length > 0)
    throw new UsageError(`export ${given.join(' ')}: that is not what it takes; give ${offered}.`);
  if (out === undefined) throw new UsageError(`Nothing says what to write; give ${offered}.`);
  if (out.endsWith('/') || out.endsWith(sep) || (await isFolder(out)))
    return { path: out.replace(/[\\/]+$/, ''), beside: [], force, format: STAC };
  const format = extname(out).toLowerCase();
  if (!formats.includes(format))
    throw new UsageError(`--out ${out}: files that end so are not written; give ${offered}.`);
  const beside = format === '.csv' ? csvCompanions(out) : [];
  return { path: out, beside, force, format };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() === true;
}
