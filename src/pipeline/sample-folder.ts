import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError, UsageError } from '../domain/errors.js';
import type { CutWindow } from './sample-image.js';
import { parseOutcome, parsePlan, type Crop, type Outcome, type SamplePlan } from './sample-record.js';

const CREDIT = 'NASA/GSFC/Arizona State University';

/**
 * The folder of a draw. `.draw/` holds its plan and a journal with a line for each candidate that was tried, by
 * which a broken draw goes on. Windows wait there until the journal speaks of them: a picture in the folder
 * itself is always whole and part of the draw.
 */
export class SampleFolder {
  readonly dir: string;
  readonly #outcomes: Map<string, Outcome>;

  private constructor(dir: string, outcomes: Map<string, Outcome>) {
    this.dir = dir;
    this.#outcomes = outcomes;
  }

  /** @throws UsageError when the folder cannot be made */
  static async open(dir: string): Promise<SampleFolder> {
    await mkdir(join(dir, '.draw'), { recursive: true }).catch((cause: unknown) => {
      throw new UsageError(`${dir}: the folder cannot be made; check --out.`, { cause });
    });
    const journal = await readFile(join(dir, '.draw/journal.jsonl'), 'utf8').catch(() => '');
    const outcomes = new Map<string, Outcome>();
    for (const line of journal.split('\n')) {
      const outcome = parseOutcome(line);
      if (outcome !== null) outcomes.set(outcome.product_id, outcome);
    }
    // The next line must not be joined to one that was cut short.
    if (journal !== '' && !journal.endsWith('\n')) await appendFile(join(dir, '.draw/journal.jsonl'), '\n');
    return new SampleFolder(dir, outcomes);
  }

  /**
   * The plan of the draw that was begun here; null when none was.
   * @throws UsageError when it was one with other options
   */
  async plan(options: SamplePlan['options']): Promise<SamplePlan | null> {
    const text = await readFile(join(this.dir, '.draw/plan.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const plan = parsePlan(text);
    if (plan === null)
      throw new OperationalError(
        'sample_plan',
        `${this.dir}/.draw/plan.json is not what a draw wrote; remove the folder, or give another one by --out.`,
      );
    const differs = Object.keys({ ...plan.options, ...options }).filter(
      (name) => JSON.stringify(plan.options[name]) !== JSON.stringify(options[name]),
    );
    if (differs.length === 0) return plan;
    throw new UsageError(
      `${this.dir} holds a draw with other options (${differs.join(', ')}); give those, or another folder by --out.`,
    );
  }

  async begin(plan: SamplePlan): Promise<void> {
    await writeWhole(join(this.dir, '.draw/plan.json'), JSON.stringify(plan));
  }

  /** What became of a candidate; null when it must be tried (again), also where its files are no more as written. */
  async outcomeOf(productId: string): Promise<Outcome | null> {
    const outcome = this.#outcomes.get(productId);
    if (outcome === undefined) return null;
    if (outcome.outcome === 'drawn')
      for (const crop of outcome.crops) if (!(await this.#isThere(crop))) return null;
    return outcome;
  }

  async keep(product_id: string, stratum: string, windows: readonly CutWindow[]): Promise<Outcome> {
    for (const { crop, png } of windows) await writeFile(this.#waiting(crop), png);
    const crops = windows.map(({ crop }) => crop);
    const outcome: Outcome = { outcome: 'drawn', product_id, stratum, crops };
    await this.#record(outcome);
    for (const crop of crops) await rename(this.#waiting(crop), join(this.dir, crop.file));
    return outcome;
  }

  async fail(outcome: Extract<Outcome, { outcome: 'failed' }>): Promise<Outcome> {
    const before = this.#outcomes.get(outcome.product_id);
    await this.#record(outcome);
    // It had been drawn, but its files were not as written any more.
    if (before?.outcome === 'drawn')
      for (const { file } of before.crops) await rm(join(this.dir, file), { force: true });
    return outcome;
  }

  /** Writes `sample.json`, `sample.csv` and `sun.json` of what was drawn so far, each whole or not at all. */
  async writeManifest(plan: SamplePlan, outcomes: readonly Outcome[], complete: boolean): Promise<void> {
    const drawn = outcomes.flatMap((outcome) => (outcome.outcome === 'drawn' ? [outcome] : []));
    const crops = drawn.flatMap(({ stratum, crops }) =>
      crops.map((crop) => ({ ...crop, stratum, credit: CREDIT })),
    );
    const strata = plan.strata.map(({ name, available }) => ({
      name,
      available,
      images: drawn.filter(({ stratum }) => stratum === name).length,
    }));
    const errors = outcomes.flatMap((outcome) => {
      if (outcome.outcome === 'drawn') return [];
      const { product_id, stratum, code, message } = outcome;
      return [{ product_id, stratum, code, message }];
    });
    const { options, volumes, left_out } = plan;
    const head = { complete, credit: CREDIT, options, volumes, left_out };
    const manifest = { ...head, images: drawn.length, strata, errors, crops };
    const sun = Object.fromEntries(crops.map(({ file, sun_azimuth_deg }) => [file, sun_azimuth_deg]));
    await writeWhole(join(this.dir, 'sun.json'), `${JSON.stringify(sun, null, 1)}\n`);
    await writeWhole(join(this.dir, 'sample.csv'), csvOf(crops));
    await writeWhole(join(this.dir, 'sample.json'), `${JSON.stringify(manifest, null, 1)}\n`);
  }

  async #record(outcome: Outcome): Promise<void> {
    await appendFile(join(this.dir, '.draw/journal.jsonl'), `${JSON.stringify(outcome)}\n`);
    this.#outcomes.set(outcome.product_id, outcome);
  }

  #waiting({ file }: Crop): string {
    return join(this.dir, '.draw', file);
  }

  async #isThere(crop: Crop): Promise<boolean> {
    const path = join(this.dir, crop.file);
    // Killed between the journal and here.
    await rename(this.#waiting(crop), path).catch(() => undefined);
    const bytes = await readFile(path).catch(() => null);
    return bytes !== null && createHash('sha256').update(bytes).digest('hex') === crop.sha256;
  }
}

const COLUMNS = [
  'file',
  'product_id',
  'version',
  'volume',
  'x',
  'y',
  'width',
  'height',
  'latitude',
  'longitude',
  'incidence_deg',
  'emission_deg',
  'phase_deg',
  'resolution_m',
  'sun_azimuth_deg',
  'observed_at',
  'data_quality',
  'stratum',
  'source_url',
  'source_checksum',
  'sha256',
  'credit',
] as const;

function csvOf(crops: readonly Readonly<Record<(typeof COLUMNS)[number], string | number>>[]): string {
  const rows = crops.map((crop) => COLUMNS.map((column) => cell(crop[column])).join(','));
  return [COLUMNS.join(','), ...rows].map((row) => `${row}\n`).join('');
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function writeWhole(file: string, content: string): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, content);
  await rename(partial, file);
}
