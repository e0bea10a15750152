import { stringify } from 'yaml';
import { z } from 'zod';
import { metaOf } from './key.js';
import { envName } from './names.js';
import { configSchema, sections } from './schema.js';

/** `config/default.yaml`: every key with its default, unit, effect and environment name. */
export function describeDefaults(): string {
  const defaults = configSchema.parse({}) as Record<string, Record<string, unknown>>;
  const out = [
    '# Every key of Selenoscan with its default. Generated from src/config/schema.ts by `selenoscan check --defaults`.',
    '# Your own file (--config FILE or SELENOSCAN_CONFIG) overrides it key by key, the environment overrides that.',
  ];
  for (const [section, keys] of Object.entries(sections)) {
    out.push('', `${section}:`);
    for (const [key, type] of Object.entries(keys)) {
      const about = metaOf(type);
      const unit = about.unit === undefined ? '' : ` [${about.unit}]`;
      const secret = about.secret ? ` or ${envName(section, key)}_FILE` : '';
      out.push(`  # ${about.description}${unit}`, `  # ${envName(section, key)}${secret}${bounds(type)}`);
      out.push(
        `  ${key}: ${stringify(defaults[section]?.[key], { collectionStyle: 'flow', lineWidth: 0 }).trim()}`,
      );
    }
  }
  return `${out.join('\n')}\n`;
}

/** `docs/reference-config.md`: the same as tables, for readers. */
export function configReference(): string {
  const defaults = configSchema.parse({}) as Record<string, Record<string, unknown>>;
  const out = [
    '# Configuration',
    '',
    'Generated from the schema by `npm run docs`; [config/default.yaml](../config/default.yaml) holds the same as a file to copy from.',
    '',
    'A file (`--config FILE` or `SELENOSCAN_CONFIG`) overrides the defaults key by key, the environment overrides that: `SELENOSCAN_<SECTION>_<KEY>`, lists as JSON; for secrets `…_FILE` names a file that holds the value. An unknown key is an error. Keys marked *results* change what is found: they enter the hash that each scan keeps.',
  ];
  for (const [section, keys] of Object.entries(sections)) {
    out.push('', `## ${section}`, '', '| key | default | unit | |', '|---|---|---|---|');
    for (const [key, type] of Object.entries(keys)) {
      const about = metaOf(type);
      const value = stringify(defaults[section]?.[key], { collectionStyle: 'flow', lineWidth: 0 }).trim();
      const range = bounds(type).replace(/^; /, '');
      const marks = [
        range === '' ? '' : `(${range})`,
        about.secret ? '*secret*' : '',
        about.results ? '*results*' : '',
      ];
      const text = [about.description, ...marks].filter((part) => part !== '').join(' ');
      out.push(
        `| \`${key}\` | \`${value}\` | ${about.unit ?? ''} | ${text.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`,
      );
    }
  }
  return `${out.join('\n')}\n`;
}

function bounds(type: z.ZodType): string {
  const schema = z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' });
  if (Array.isArray(schema.enum)) return `; one of ${schema.enum.join(', ')}`;
  if (schema.type === 'boolean') return '; true or false';
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    return `; ${schema.minimum} .. ${schema.maximum}`;
  return '';
}
