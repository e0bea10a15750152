import { distance } from 'fastest-levenshtein';
import { metaOf } from './key.js';
import { sections } from './schema.js';

/** Environment name of a key: `SELENOSCAN_<SECTION>_<KEY>`. */
export function envName(section: string, key: string): string {
  return `SELENOSCAN_${section}_${key}`.toUpperCase();
}

/** Every environment name the configuration knows, with the key it sets. */
export function envNames(): Map<string, { section: string; key: string; secretFile: boolean }> {
  const names = new Map<string, { section: string; key: string; secretFile: boolean }>();
  for (const [section, keys] of Object.entries(sections)) {
    for (const [key, type] of Object.entries(keys)) {
      names.set(envName(section, key), { section, key, secretFile: false });
      if (metaOf(type).secret) names.set(`${envName(section, key)}_FILE`, { section, key, secretFile: true });
    }
  }
  return names;
}

/** `; did you mean "x"?` for the nearest candidate, or nothing when none is near. */
export function suggestion(wrong: string, candidates: Iterable<string>): string {
  let best = '';
  let least = Math.max(3, Math.floor(wrong.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(wrong.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best === '' ? '' : `; did you mean "${best}"?`;
}
