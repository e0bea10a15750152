import { configSchema, sections, type Config } from '../../src/config/schema.js';
import { openScoring } from '../../src/cli/open-scoring.js';
import { openModel } from '../../src/cli/parts.js';
import type { ScanTools } from '../../src/pipeline/score-image.js';
import { shippedModel } from '../shipped-model.js';

/** A key of the configuration. */
export interface ConfigKey {
  readonly section: string;
  readonly key: string;
}

/** The key that takes all of these values and no other text, such as the one of scan modes; null where none does. */
export function keyThatTakes(values: readonly string[]): ConfigKey | null {
  for (const [section, keys] of Object.entries(sections)) {
    for (const [key, schema] of Object.entries(keys)) {
      const takes = (value: string): boolean => schema.safeParse(value).success;
      if (values.every(takes) && !takes('nothing of the kind')) return { section, key };
    }
  }
  return null;
}

/** How tiles are scored: each of these is one way of the product, where its configuration knows it. */
export const MODES = ['exact', 'full', 'cascade'] as const;
export type Mode = (typeof MODES)[number];

/**
 * The configuration by which the product scores in a mode and by an engine.
 * @returns null where the product has no such mode or engine; without modes it scores everything in fp32
 */
export function configFor(o: { mode: Mode; engine?: string; workers?: number }): Config | null {
  const given: Record<string, Record<string, unknown>> = {};
  const folder = shippedModel();
  if (folder !== null) given['model'] = { path: folder };
  const set = ({ section, key }: ConfigKey, value: unknown): void => {
    given[section] = { ...given[section], [key]: value };
  };
  const modeKey = keyThatTakes(MODES);
  if (modeKey !== null) set(modeKey, o.mode);
  else if (o.mode !== 'exact') return null;
  if (o.engine !== undefined) {
    const engineKey = keyThatTakes(['onnx', 'tensorflow']);
    if (engineKey === null) {
      if (o.engine !== 'onnx') return null;
    } else set(engineKey, o.engine);
  }
  if (o.workers !== undefined) set({ section: 'scoring', key: 'workers' }, o.workers);
  return configSchema.parse(given);
}

/** The configuration of someone who set nothing. */
export function defaultConfig(): Config {
  const folder = shippedModel();
  return configSchema.parse(folder === null ? {} : { model: { path: folder } });
}

/** The key as an environment variable of the command line. */
export function environmentOf({ section, key }: ConfigKey): string {
  return `SELENOSCAN_${section}_${key}`.toUpperCase();
}

/**
 * Model, scorers and options as the command `scan` opens them; the caller closes the pool.
 * @throws OperationalError where the engine is not installed
 */
export async function openTools(config: Config): Promise<ScanTools> {
  return openScoring(config, await openModel(config), { mode: config.scoring.mode });
}
