import { stringify } from 'yaml';
import { z } from 'zod';
import { envName } from './names.js';
import { configSchema, metaOf, sections } from './schema.js';

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

function bounds(type: z.ZodType): string {
  const schema = z.toJSONSchema(type, { unrepresentable: 'any', io: 'input' });
  if (Array.isArray(schema.enum)) return `; one of ${schema.enum.join(', ')}`;
  if (schema.type === 'boolean') return '; true or false';
  if (schema.minimum !== undefined && schema.maximum !== undefined)
    return `; ${schema.minimum} .. ${schema.maximum}`;
  return '';
}
