import { metaOf } from './key.js';
import { sections, type Config } from './schema.js';

/** Every text that the configuration's secret keys hold, and the passwords of the addresses among them. */
export function secretsOf(config: Config): readonly string[] {
  const values: Readonly<Record<string, Readonly<Record<string, unknown>>>> = config;
  const texts = Object.entries(sections).flatMap(([section, keys]) =>
    Object.entries(keys)
      .filter(([, type]) => metaOf(type).secret === true)
      .flatMap(([key]) => textsOf(values[section]?.[key])),
  );
  // The longest first: a password within an address would otherwise leave the rest of it.
  return [...new Set(texts.flatMap((text) => [text, ...passwordsOf(text)]))].sort(
    (a, b) => b.length - a.length,
  );
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function passwordsOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { password } = new URL(text);
  return password === '' ? [] : [password, decoded(password)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
