import { readFileSync } from 'node:fs';
import { UsageError } from '../domain/errors.js';
import { envName, envNames, suggestion } from './names.js';
import { parseYaml } from './parse-yaml.js';
import { configSchema, sections, type Config } from './schema.js';

type Tree = Record<string, Record<string, unknown>>;

/** Variables under our prefix that are no configuration keys. */
const RESERVED = /^SELENOSCAN_(CONFIG|TEST_.*)$/;

/**
 * The configuration: defaults, overridden by a YAML file, overridden by the environment.
 *
 * @param file path of the user's file, `SELENOSCAN_CONFIG` when undefined, none when that is unset too
 * @throws UsageError one sentence naming file or variable, key and remedy
 */
export function loadConfig(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Config {
  if (file === '')
    throw new UsageError('--config names no file; give its path, or leave --config out for the defaults.');
  const path = file ?? env['SELENOSCAN_CONFIG'];
  const origin = new Map<string, string>();
  const tree: Tree = {};
  if (path !== undefined && path !== '') merge(tree, origin, readTree(path), path);
  merge(tree, origin, environmentTree(env), '');
  const url = env['DATABASE_URL'];
  if (url !== undefined && url !== '' && tree['database']?.['url'] === undefined) {
    (tree['database'] ??= {})['url'] = url;
    origin.set('database.url', 'environment variable DATABASE_URL');
  }
  const parsed = configSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = issue?.path.slice(0, 2).join('.') ?? '';
  const why = issue?.message.replace(/^Invalid input: /, '') ?? '';
  throw new UsageError(
    `${origin.get(key) ?? 'configuration'}: ${key} is not valid (${why}); see config/default.yaml for what it takes.`,
  );
}

function merge(tree: Tree, origin: Map<string, string>, more: Tree, from: string): void {
  for (const [section, keys] of Object.entries(more)) {
    for (const [key, value] of Object.entries(keys)) {
      (tree[section] ??= {})[key] = value;
      origin.set(`${section}.${key}`, from === '' ? `environment variable ${envName(section, key)}` : from);
    }
  }
}

function readTree(path: string): Tree {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(
      `${path}: the configuration file cannot be read; check the path given by --config.`,
      { cause },
    );
  }
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (cause) {
    const line = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new UsageError(`${path}: not valid YAML (${line}); compare with config/default.yaml.`, { cause });
  }
  if (value === null || value === undefined) return {};
  if (!isRecord(value))
    throw new UsageError(`${path}: expected sections such as "archive:"; compare with config/default.yaml.`);
  const tree: Tree = {};
  for (const [section, keys] of Object.entries(value)) {
    const known = Object.hasOwn(sections, section) ? sections[section] : undefined;
    if (known === undefined)
      throw new UsageError(
        `${path}: unknown section "${section}"${suggestion(section, Object.keys(sections)) || '; see config/default.yaml.'}`,
      );
    if (keys === null) continue;
    if (!isRecord(keys))
      throw new UsageError(`${path}: section "${section}" must hold keys; compare with config/default.yaml.`);
    for (const key of Object.keys(keys))
      if (!Object.hasOwn(known, key))
        throw new UsageError(
          `${path}: unknown key "${section}.${key}"${suggestion(key, Object.keys(known)) || '; see config/default.yaml.'}`,
        );
    tree[section] = keys;
  }
  return tree;
}

function environmentTree(env: NodeJS.ProcessEnv): Tree {
  const names = envNames();
  const tree: Tree = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('SELENOSCAN_') || RESERVED.test(name) || text === undefined) continue;
    const target = names.get(name);
    if (target === undefined)
      throw new UsageError(
        `environment: unknown variable ${name}${suggestion(name, names.keys()) || '; see config/default.yaml for all names.'}`,
      );
    (tree[target.section] ??= {})[target.key] = target.secretFile ? readSecret(name, text) : fromText(text);
  }
  return tree;
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new UsageError(
      `environment: ${name} names ${path}, which cannot be read; check path and permissions.`,
      { cause },
    );
  }
}

/** Numbers, booleans and lists as JSON; anything else is text. */
function fromText(text: string): unknown {
  if (!/^(-?\d|\[|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
