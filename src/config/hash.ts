import { createHash } from 'node:crypto';
import { metaOf } from './key.js';
import { sections, type Config } from './schema.js';

/** Hash of the keys that change detections, and of no others (design 4.2); 12 hex digits. */
export function configHash(config: Config): string {
  const values = config as unknown as Record<string, Record<string, unknown>>;
  const relevant: [string, unknown][] = [];
  for (const [section, keys] of Object.entries(sections))
    for (const [key, type] of Object.entries(keys))
      if (metaOf(type).results) relevant.push([`${section}.${key}`, values[section]?.[key]]);
  return createHash('sha256').update(JSON.stringify(relevant.sort())).digest('hex').slice(0, 12);
}
